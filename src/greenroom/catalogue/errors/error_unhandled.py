"""ERR002: the error of something that could be done without reaches the user."""

from greenroom.catalogue.errors.lost_handler import NARROW_EXCEPT, UNHANDLE
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="ERR002",
    name="error-unhandled",
    family=Family.ERRORS,
    summary="an error of a dependency reaches the user as an internal error, a hang or a broken stream",
    consequence="something that could be done without takes the whole request with it, for as long as it is down",
    remedy="catch what the dependency raises where something can be done about it, and answer with what is left",
    source="Yuan et al., Simple Testing Can Prevent Most Critical Failures, OSDI 2014; Nygard, Release It!: Fail Fast",
    operators=(UNHANDLE, NARROW_EXCEPT),
)
