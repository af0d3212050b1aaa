"""DEP009: a dependency answers, and the answer is wrong."""

from greenroom.catalogue.dependency.unchecked_status import NO_RAISE_FOR_STATUS
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="DEP009",
    name="byzantine-reply",
    family=Family.DEPENDENCY,
    summary="a dependency answers in time and validly, and the answer is an error, empty or wrong",
    consequence="what a broken upstream says is stored, cached and shown as if it were true",
    remedy="check the status and the shape of every answer before anything is done with it",
    source="Yuan et al., Simple Testing Can Prevent Most Critical Failures, OSDI 2014; Nygard, Release It!: Integration Points",
    operators=(NO_RAISE_FOR_STATUS,),
)
