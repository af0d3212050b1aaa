"""RES004: no file, socket or pipe can be opened any more."""

from greenroom.catalogue.resource.client_per_call import MAKE_CLIENT_PER_CALL
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="RES004",
    name="descriptors-exhausted",
    family=Family.RESOURCE,
    summary="the process or the machine has no descriptors or ports left",
    consequence="connections are refused and files cannot be opened, at whatever place happens to need the next one",
    remedy="share one client with its pool for the whole process, and close what a call opens before it ends",
    source="httpx documentation, Clients: Why use a Client; Linux manual page getrlimit(2), RLIMIT_NOFILE",
    operators=(MAKE_CLIENT_PER_CALL,),
)
