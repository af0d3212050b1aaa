"""SEC006: what comes in is used without a look at its shape, size or range."""

from collections.abc import Iterator

from greenroom.catalogue.security.chosen_names import find_chosen_names
from greenroom.catalogue.security.conversions import find_conversions
from greenroom.catalogue.security.dropped_validation import DROP_VALIDATION
from greenroom.catalogue.security.incoming import Reader
from greenroom.catalogue.security.turned_away import TurnedAway
from greenroom.catalogue.security.unbounded_pages import find_unbounded_pages
from greenroom.model.finding import Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.project.project import Project


def detect_unvalidated_input(project: Project) -> Iterator[Sighting]:
    """Conversions that nothing catches, names that become attributes, numbers of rows without a bound."""
    reader = Reader(project)
    away = TurnedAway(project, reader)
    for find in (find_conversions, find_chosen_names, find_unbounded_pages):
        yield from find(project, reader, away)


MODE = FailureMode(
    code="SEC006",
    name="unvalidated-input",
    family=Family.SECURITY,
    summary="what comes in is used without a look at its shape, size or range",
    consequence="bad data is stored and breaks the pages of others, or one large request takes the memory of all",
    remedy="declare limits on every field that comes in, and test what is just over them",
    source="OWASP Top 10 Proactive Controls, C5: Validate All Inputs; CWE-20, Improper Input Validation",
    detector=detect_unvalidated_input,
    operators=(DROP_VALIDATION,),
)
