"""STT004: what a cache hands out is not what its source says."""

from greenroom.catalogue.state.lost_expiry import TTL_LOST
from greenroom.catalogue.state.stale_answer import CACHE_ERRORS, STALE_ON_ERROR
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="STT004",
    name="stale-cache",
    family=Family.STATE,
    summary="what a cache hands out is out of date, or an error that was kept",
    consequence="users see and act on what is no longer true, and a restart seems to heal it",
    remedy="give every entry an end, empty what a write makes untrue, and keep nothing that is an error",
    source="Google SRE Book, Data Integrity; Nygard, Release It!: Caching; RFC 9111, HTTP Caching",
    operators=(TTL_LOST, STALE_ON_ERROR, CACHE_ERRORS),
)
