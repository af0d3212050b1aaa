"""TST002: an assertion that holds whatever the product does."""

from collections.abc import Iterator

from greenroom.catalogue.tests.certainties import Certainties
from greenroom.catalogue.tests.checks import Check, checks_of, idle_mock_checks
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code.module import Scope
from greenroom.project.project import Project


def detect_assertions_that_are_always_true(project: Project) -> Iterator[Sighting]:
    """One sighting per test: its assertions that cannot fail."""
    certainties = Certainties(project)
    for item in project.suite.functions():
        function = item.function
        checks = sorted(checks_of(function), key=lambda check: (check.line, check.call))
        found = [(check, why) for check in checks if (why := certainties.why_true(function, check))]
        found += idle_mock_checks(function, certainties.origins)
        if found:
            others = len({*checks} - {check for check, _ in found}) + _elsewhere(project, function, checks)
            yield _sighting(function, found, others=others)


def _elsewhere(project: Project, function: Scope, checks: list[Check]) -> int:
    """Checks which are not written as assertions: `pytest.raises`, helpers of the suite."""
    asserted = {check.call for check in checks}
    return len([index for index in project.suite.assertions.helpers(function) if index not in asserted])


def _sighting(function: Scope, found: list[tuple[Check, "str"]], *, others: int) -> Sighting:
    check, why = found[0]
    idle = any(reason.startswith(_WEAK) for _, reason in found)
    rest = "" if others else ", and the test checks nothing else"
    more = f" (and {len(found) - 1} more in this test)" if len(found) > 1 else ""
    return Sighting(
        place=Place(path=function.path, line=check.line, symbol=function.qualname),
        end_line=check.end_line,
        message=f"`{function.name}`: {why}{more}{rest}",
        severity=Severity.LOW if others else Severity.MEDIUM,
        confidence=Confidence.POSSIBLE if idle and others else Confidence.DEFINITE,
        sites=tuple(
            Place(path=function.path, line=other.line, symbol=function.qualname) for other, _ in found[1:]
        ),
        subject="always-true",
        reach=Reach.TEST,
    )


_WEAK = ("a new ", "`assert True`")
"""True as well, but hardly worth a word beside checks that can fail."""


MODE = FailureMode(
    code="TST002",
    name="always-true",
    family=Family.TESTS,
    summary="an assertion cannot fail, or only restates the mock",
    consequence="the assertion counts as a check in every review, and no change of the product turns it red",
    remedy="assert the value that a user would notice, computed by the product and known beforehand",
    source="Rotten green tests (ICSE 2019); test smells: Redundant Assertion (Peruma et al., 2019)",
    detector=detect_assertions_that_are_always_true,
)
