"""LOD003: many want the same at the same time."""

from greenroom.catalogue.load.dropped_lock import DROP_LOCK
from greenroom.catalogue.load.dropped_state_check import DROP_STATE_CHECK
from greenroom.catalogue.load.lost_wakeup import LOST_WAKEUP
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="LOD003",
    name="contention",
    family=Family.LOAD,
    summary="requests that want the same thing at the same time get in each other's way",
    consequence="the same seat is sold twice, a token is renewed ten times at once, or all wait in one queue",
    remedy="guard what must not happen twice with a lock or a constraint of the database, and test it with two callers at once",
    source="Python documentation, asyncio: Synchronization Primitives; OWASP, Race Conditions",
    operators=(DROP_LOCK, LOST_WAKEUP, DROP_STATE_CHECK),
)
