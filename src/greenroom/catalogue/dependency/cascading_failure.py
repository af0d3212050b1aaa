"""DEP008: a dependency that is down takes others with it."""

from greenroom.catalogue.dependency.lost_fallback import DROP_FALLBACK
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="DEP008",
    name="cascading-failure",
    family=Family.DEPENDENCY,
    summary="a dependency that is down or slow takes with it what could do without",
    consequence="one small service fails, and minutes later nothing works any more",
    remedy="answer with what is left when a dependency is down, and stop asking it for a while",
    source="Michael Nygard, Release It!: Cascading Failures, Circuit Breaker; Google SRE Book, chapter 22",
    operators=(DROP_FALLBACK,),
)
