"""ERR003: a failure is handled, and no log, metric or trace tells of it."""

from greenroom.catalogue.errors.silenced_report import DROP_ERROR_REPORT
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="ERR003",
    name="failure-unreported",
    family=Family.ERRORS,
    summary="a failure is handled, and no log, metric or trace tells of it",
    consequence="the service works at half its strength for days, and whoever could mend it learns of it from users",
    remedy="log or count each handled failure where it is handled, and assert that in the test of the handler",
    source="Google SRE Book, Monitoring Distributed Systems; Yuan et al., Simple Testing, OSDI 2014",
    operators=(DROP_ERROR_REPORT,),
)
