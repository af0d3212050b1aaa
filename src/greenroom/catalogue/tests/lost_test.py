"""TST013: a test was deleted, what it tested is still there, and nothing that runs covers it."""

from collections import defaultdict
from collections.abc import Iterator

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.history import Deletion, Fate
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.project import Project

_NAMED = 3


def detect_lost_tests(project: Project) -> Iterator[Sighting]:
    """One sighting for each thing that lost tests: a function of the product, or a test that took their place and does not run."""
    groups: dict[Place, list[Deletion]] = defaultdict(list)
    for gone in project.deletions:
        place = _place(gone)
        if gone.is_test and gone.fate is Fate.LOST and place is not None:
            groups[place].append(gone)
    for place, deletions in groups.items():
        yield _sighting(place, deletions)


def _place(gone: Deletion) -> Place | None:
    """In the tree as it is: a deleted test has no line there; None where all that is known is what it was called."""
    if gone.successors:
        return gone.successors[0]
    return gone.tested


def _is_sure(gone: Deletion) -> bool:
    """A copy of another name that does not run may be another test."""
    names = {place.symbol.rpartition(".")[2] for place in gone.successors}
    return not names or gone.symbol.rpartition(".")[2] in names


def _sighting(place: Place, deletions: list[Deletion]) -> Sighting:
    first = deletions[0]
    names = ", ".join(f"`{gone.symbol}`" for gone in deletions[:_NAMED])
    more = f" and {len(deletions) - _NAMED} more" if len(deletions) > _NAMED else ""
    commits = ", ".join(dict.fromkeys(f"{gone.commit[:10]} of {gone.date}" for gone in deletions[:_NAMED]))
    were = "was" if len(deletions) == 1 else "were"
    what = "runs no more" if first.successors else "is still there, and no test that runs covers it"
    return Sighting(
        place=place,
        message=f"`{place.symbol}` {what}: {names}{more} {were} deleted by {commits}",
        severity=Severity.MEDIUM,
        confidence=Confidence.PROBABLE if _is_sure(first) else Confidence.POSSIBLE,
        subject=first.symbol,
        reach=Reach.TEST if first.successors else None,
    )


MODE = FailureMode(
    code="TST013",
    name="lost-test",
    family=Family.TESTS,
    summary="a test was deleted, what it tested is still there, and no test that runs covers it",
    consequence="what the test guarded can break again, and the suite, smaller and still green, says nothing",
    remedy="bring the test back from its commit, or write one that covers the same behaviour",
    source="Greenroom's field reports: 200 test files deleted in 40 commits, and what of it nobody missed until it broke",
    detector=detect_lost_tests,
    surest=Confidence.PROBABLE,
)
