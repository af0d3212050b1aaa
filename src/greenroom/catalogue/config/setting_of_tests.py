"""CFG006: a limit or a protection that is off where the tests run, and only there."""

from collections.abc import Iterator

from greenroom.catalogue.config.branches_of_tests import Branch, find_branches
from greenroom.catalogue.config.protections import Protection, find_protections
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, last_name
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_VARIABLE = b"PYTEST_CURRENT_TEST"


def detect_test_only_settings(project: Project) -> Iterator[Sighting]:
    """Settings of the tests, and branches of the code that only tests take."""
    on_in_tests = _Switched(project)
    for found in find_protections(project):
        if not on_in_tests.is_switched_on(found):
            yield Sighting(
                place=found.place,
                message=f"`{found.name}` is off for the tests, and on in production: no test meets what users meet",
                severity=Severity.LOW if found.is_usual else Severity.MEDIUM,
                confidence=Confidence.POSSIBLE if found.is_usual else Confidence.PROBABLE,
                subject=found.name,
                cause=f"off:{found.place.path}",
                reach=Reach.TEST,
            )
    for branch in find_branches(project):
        yield Sighting(
            place=branch.place,
            message=f"production asks {branch.how} whether tests run, and then does something else: no test sees what "
            "production does here",
            severity=Severity.MEDIUM,
            confidence=Confidence.PROBABLE
            if branch.matters and branch.place.symbol and not _is_taken_away(project, branch)
            else Confidence.POSSIBLE,
            remedy="give the tests what they need from outside, by a setting or a fixture, and let them run the real branch",
            subject=branch.how,
            cause=f"asks:{branch.place.path}",
        )


def _is_taken_away(project: Project, branch: Branch) -> bool:
    """Whether a test that imports the file takes the variable away: it sees what production does."""
    module = project.modules.get(branch.place.path)
    symbols = project.suite.origins.symbols
    return any(
        _VARIABLE in other.packed_bodies
        and any(symbols.imported_module(other, part.level, part.module) is module for part in other.imports)
        and any(_takes_away(call) for scope in other.scopes for call in scope.body.calls)
        for other in {item.module for item in project.suite.functions()}
    )


def _takes_away(call: Call) -> bool:
    """`monkeypatch.delenv(…)`, `os.environ.pop(…)`, `patch.dict(os.environ, {}, clear=True)`."""
    name = last_name(call.callee)
    if name == "dict":
        return facts.constant(call.keyword("clear")) is True
    return name in ("delenv", "pop", "unsetenv") and any(
        facts.constant(part) == _VARIABLE.decode() for part in call.arguments
    )


class _Switched:
    """Do some tests turn a protection on again?"""

    def __init__(self, project: Project) -> None:
        self._tests = [module for module in project.modules.values() if module.kind is FileKind.TEST]

    def is_switched_on(self, found: Protection) -> bool:
        """Whether a test file other than the one that turns it off names it."""
        needles = {found.name.encode(), found.name.lower().encode(), found.short.encode()}
        return any(
            needle in module.packed_bodies
            for module in self._tests
            if module.path != found.place.path
            for needle in needles
            if needle
        )


MODE = FailureMode(
    code="CFG006",
    name="test-only-setting",
    family=Family.CONFIG,
    summary="a limit, an authentication or another protection that only the tests run without",
    consequence="what the protection breaks or lets through is met by users first",
    remedy="run at least one test with the settings of production",
    source="FIELD report 2: rate limiting off, other flags in the tests than in production",
    detector=detect_test_only_settings,
    needs_deployment=True,
)
