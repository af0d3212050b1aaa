"""LOD001: with more users or more data, answers take longer than the load explains."""

from greenroom.catalogue.load.lost_prefetch import LOST_PREFETCH
from greenroom.catalogue.load.serial_waits import SERIALISE
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="LOD001",
    name="degradation",
    family=Family.LOAD,
    summary="answers get slower with load or size, faster than load or size grow",
    consequence="pages that took a moment take seconds, callers give up and ask again, and the retries add to the load",
    remedy="make independent calls at once, put bounds on what one request may ask for, and measure under load before a release",
    source="Google SRE Book, Handling Overload; Jeffrey Dean and Luiz André Barroso, The Tail at Scale, CACM 2013",
    operators=(SERIALISE, LOST_PREFETCH),
)
