"""DEP005: a dependency that comes and goes."""

from greenroom.catalogue.dependency.dropped_keepalive import KEEPALIVE_OFF
from greenroom.catalogue.dependency.dropped_retry import DROP_RETRY
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="DEP005",
    name="dependency-flaps",
    family=Family.DEPENDENCY,
    summary="a dependency comes and goes: one call fails, the next one would succeed",
    consequence="every restart, fail-over and dropped connection of a dependency is an error page for some users",
    remedy="try again a few times what may be tried again, and renew connections that have stood idle",
    source="AWS Builders' Library, Timeouts, retries, and backoff with jitter; redis-py issue 4156",
    operators=(DROP_RETRY, KEEPALIVE_OFF),
)
