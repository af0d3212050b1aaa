"""SEC006: what comes in is used without a look at its shape, size or range."""

from greenroom.catalogue.security.dropped_validation import DROP_VALIDATION
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="SEC006",
    name="unvalidated-input",
    family=Family.SECURITY,
    summary="what comes in is used without a look at its shape, size or range",
    consequence="bad data is stored and breaks the pages of others, or one large request takes the memory of all",
    remedy="declare limits on every field that comes in, and test what is just over them",
    source="OWASP Top 10 Proactive Controls, C5: Validate All Inputs; CWE-20, Improper Input Validation",
    operators=(DROP_VALIDATION,),
)
