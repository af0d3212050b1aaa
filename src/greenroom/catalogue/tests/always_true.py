"""TST002: an assertion that holds whatever the product does."""

from collections.abc import Iterator

from greenroom.catalogue.tests.by_their_file import of_tests_for_a_runner
from greenroom.catalogue.tests.certainties import Certainties
from greenroom.catalogue.tests.checks import (
    Check,
    checks_of,
    dropped_comparisons,
    idle_mock_checks,
    is_never_reached,
)
from greenroom.catalogue.tests.failing_import import of_tests_that_start
from greenroom.catalogue.tests.laid_aside import is_laid_aside
from greenroom.catalogue.tests.rejected import Rejected
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code.facts import last_name, spell
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.testing.words import Words, owes


@of_tests_for_a_runner
@of_tests_that_start
def detect_assertions_that_are_always_true(project: Project) -> Iterator[Sighting]:
    """One sighting per test: its assertions that cannot fail."""
    certainties, words, rejected = Certainties(project), Words(project.root), Rejected()
    for item in project.suite.functions():
        if _TEMPLATE in item.module.path or is_laid_aside(project, item):
            continue  # nobody counts it as passed
        function = item.function
        checks = sorted(checks_of(function), key=lambda check: (check.line, check.call))
        found = [
            (check, why)
            for check in checks
            if (why := certainties.why_true(function, check)) and not is_never_reached(function, check)
        ]
        found += idle_mock_checks(function, certainties.origins)
        dropped = list(dropped_comparisons(function))
        if not found and not dropped:
            continue
        others = len({*checks} - {check for check, _ in found}) + _elsewhere(project, function, checks)
        if others:  # TST001 tells of a test that has nothing else
            found += dropped
        if found:
            missing = _green_without(project, function, found, checks) if others else ""
            weak = all(reason.startswith(_UNSURE) for _, reason in found) or (
                any(reason.startswith(_WEAK) for _, reason in found)
                and (others > 0 or _is_meant(function, found[0][1], words, rejected))
            )
            yield _sighting(function, found, others=others, missing=missing, weak=weak)


def _is_meant(function: Scope, why: str, words: Words, rejected: Rejected) -> bool:
    """Not raising is the check: `assert True` with its reason beside it, a new object that went through calls."""
    if why.startswith("a new "):
        names = [last_name(call.callee) for call in function.body.calls]
        return sum(name != "isinstance" and not name.startswith("assert") for name in names) > 1
    said = words.comments(function)
    return (bool(said) and not owes(said)) or rejected.has_twin(function)


def _green_without(
    project: Project, function: Scope, found: list[tuple[Check, str]], checks: list[Check]
) -> str:
    """The condition without which a test only says `assert True`; empty where it always checks something."""
    body, flow = function.body, Flow(function.body)
    idle = [check for check, why in found if why.startswith("`assert True`")]
    for check in idle:
        block = body.blocks[check.block]
        if block.kind not in ("if", "else"):
            continue
        home = check.block if block.kind == "if" else block.owner
        real = [part.block for part in checks if part not in idle]
        real += [body.calls[index].block for index in project.suite.assertions.helpers(function)]
        real = [part for part in real if not flow.inside(part, check.block)]
        branches = [home, *(index for index, part in enumerate(body.blocks) if part.owner == home)]
        if all(any(flow.inside(part, branch) for branch in branches) for part in real):
            condition = spell(body.blocks[home].detail, body.calls) or "the condition"
            return f"`{condition}` {'holds' if block.kind == 'if' else 'does not hold'}"
    return ""


def _elsewhere(project: Project, function: Scope, checks: list[Check]) -> int:
    """Checks which are not its own assertions: `pytest.raises`, helpers of the suite, doubles that look at their call."""
    asserted = {check.call for check in checks}
    helpers = [index for index in project.suite.assertions.helpers(function) if index not in asserted]
    inside = [child for child in function.children if child.kind == "function" and any(checks_of(child))]
    return len(helpers) + len(inside)


def _sighting(
    function: Scope, found: list[tuple[Check, str]], *, others: int, missing: str, weak: bool
) -> Sighting:
    check, why = found[0]
    rest = "" if others else ", and the test checks nothing else"
    if missing:
        rest = f", and it is all that the test says where {missing}"
    more = f" (and {len(found) - 1} more in this test)" if len(found) > 1 else ""
    return Sighting(
        place=Place(path=function.path, line=check.line, symbol=function.qualname),
        end_line=check.end_line,
        message=f"`{function.name}`: {why}{more}{rest}",
        severity=Severity.LOW if others and not missing else Severity.MEDIUM,
        confidence=Confidence.POSSIBLE if weak and not missing else Confidence.DEFINITE,
        sites=tuple(
            Place(path=function.path, line=other.line, symbol=function.qualname) for other, _ in found[1:]
        ),
        subject="always-true",
        reach=Reach.TEST,
    )


_TEMPLATE = "{{"
"""In the path of what a template engine fills in."""
_WEAK = ("a new ", "a client's answer", "`assert True`")
"""True as well, but hardly worth a word beside checks that can fail."""
_UNSURE = ("it compares what the mock was told to answer: an attribute", "it compares two constants")
"""Mostly the test's way to say something else: of eleven at first sight, none was true."""


MODE = FailureMode(
    code="TST002",
    name="always-true",
    family=Family.TESTS,
    summary="an assertion cannot fail, or only restates the mock",
    consequence="the assertion counts as a check in every review, and no change of the product turns it red",
    remedy="assert the value that a user would notice, computed by the product and known beforehand",
    source="Rotten green tests (ICSE 2019); test smells: Redundant Assertion (Peruma et al., 2019)",
    detector=detect_assertions_that_are_always_true,
    surest=Confidence.PROBABLE,
)
