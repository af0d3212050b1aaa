"""RES007: time is not what the code takes it for."""

from greenroom.catalogue.resource.wrong_time import WRONG_TIME
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="RES007",
    name="clock-skew",
    family=Family.RESOURCE,
    summary="time is not what the code takes it for: another zone, another unit, a clock that jumps",
    consequence="tokens are refused or live for ever, jobs run twice or not at all, and reports leave out hours",
    remedy="keep times with their zone, durations in `timedelta`, and measure intervals with a monotonic clock",
    source="Google SRE Book, chapter 24, Distributed Periodic Scheduling; Cloudflare, How and why the leap second affected DNS, 2017",
    operators=(WRONG_TIME,),
)
