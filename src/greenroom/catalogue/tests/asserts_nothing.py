"""TST001: a test that is green whatever the product answers."""

import re
from collections.abc import Iterator

from greenroom.catalogue.tests.failing_import import of_tests_that_start
from greenroom.catalogue.tests.failure_swallowed import returns_its_verdict, swallowed_in
from greenroom.catalogue.tests.laid_aside import is_laid_aside
from greenroom.catalogue.tests.lost_results import loss_in, unseen_call
from greenroom.catalogue.tests.only_doubles import taken_by_double
from greenroom.catalogue.tests.rejected import Rejected
from greenroom.catalogue.tests.skip_conditions import skips_of
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, last_name, spell
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.testing import touches
from greenroom.project.testing.assertions import LIFECYCLE, Level, is_referenced
from greenroom.project.testing.awaiting import is_wrapped
from greenroom.project.testing.doubles import Doubles
from greenroom.project.testing.fixtures import requested
from greenroom.project.testing.items import Item
from greenroom.project.testing.scripts import is_script
from greenroom.project.testing.words import Words, owes, says_must_not_raise

_LOOKUPS = frozenset({
    "execute", "one", "scalar_one", "get_current_head", "open", "read_text", "read_bytes", "stat", "loads", "unlink",
    "result", "join", "wait", "ping", "connect",
})  # fmt: skip
_PRODUCT = frozenset({touches.HTTP, touches.IN_PROCESS, touches.PRODUCTION})
_SKIPPING = frozenset({"skip", "skipTest", "xfail", "importorskip"})
_TEMPLATE = "{{"
"""In the path of what a template engine fills in: the test of a project that is not there yet."""
_TO_LOOK_AT = re.compile(
    r"informational|\bno assert|not? (?:an? )?assert(?:ion)?s? (?:on|about)|for information", re.IGNORECASE
)
_VALIDATORS = frozenset({"parse_obj_as", "parse_obj", "model_validate", "validate_python", "validate_json"})
"""Of pydantic: what does not fit is refused."""


@of_tests_that_start
def detect_tests_that_assert_nothing(project: Project) -> Iterator[Sighting]:
    """Tests that run, and on no path of which anything is checked."""
    words, rejected, doubles = Words(project.root), Rejected(), project.suite.doubles
    for item in project.suite.functions():
        if (
            _TEMPLATE in item.module.path
            or is_laid_aside(project, item)
            or item.never_awaited
            or _is_skipped_inside(item.function)
        ):
            continue
        if swallowed_in(project, item.function) or returns_its_verdict(project, item):
            continue  # TST003 names the handler, or what is returned
        sighting = _judge(project, item, words, rejected, doubles)
        if sighting is not None:
            yield sighting


def _judge(
    project: Project, item: Item, words: Words, rejected: Rejected, doubles: Doubles
) -> Sighting | None:
    function, assertions = item.function, project.suite.assertions
    inside = assertions.of(function)
    if inside.level is Level.CHECKS:
        return None
    around = assertions.around(function, item.owner)
    if around.level is Level.CHECKS:
        return None
    if not function.body.calls:
        return _without_calls(project, item, words) if around.level is Level.NOTHING else None
    not_raising = (
        says_must_not_raise(words.of(function))
        or rejected.has_twin(function)
        or _is_validated(project, function)
    )
    by_hand = (
        _reports(function)
        or _is_of_script(function)
        or _is_to_look_at(function, words)
        or any(skip.kind == "variable" for skip in skips_of(project, item))
    )
    perhaps = (
        inside.joined(around).level is Level.PERHAPS
        or _ends_in_lookup(function)
        or _has_judging_double(function)
    )
    lost = loss_in(project, function) or taken_by_double(project, item, doubles)
    sure = lost and not (not_raising or by_hand or perhaps)
    return _sighting(
        function,
        message=f"`{function.name}` {lost or unseen_call(project, function)}",
        confidence=Confidence.PROBABLE if sure else Confidence.POSSIBLE,
    )


def _is_validated(project: Project, function: Scope) -> bool:
    """Whether what the test calls has its result validated as it is made: being made is the check."""
    origins = project.suite.origins
    homes = (
        origins.scope(origins.callee(function, number).removesuffix("()"))
        for number in range(len(function.body.calls))
    )
    return any(home is not None and not _VALIDATORS.isdisjoint(home.facts.called) for home in homes)


def _sighting(function: Scope, *, message: str, confidence: Confidence) -> Sighting:
    return Sighting(
        place=Place(path=function.path, line=function.line, symbol=function.qualname),
        end_line=function.end_line,
        message=message,
        severity=Severity.MEDIUM,
        confidence=confidence,
        reach=Reach.TEST,
    )


def _is_to_look_at(function: Scope, words: Words) -> bool:
    """A measurement whose words say that somebody looks at it, and that nothing is asserted."""
    return _TO_LOOK_AT.search(words.of(function)) is not None


def _is_of_script(function: Scope) -> bool:
    """A step of a program that is started by hand, which calls it and tells what came out."""
    return is_script(function.module) and is_referenced(function.name, function.module.top)


def _without_calls(project: Project, item: Item, words: Words) -> Sighting | None:
    """A test that does nothing; not where it imports, returns something, or is there for others to hand on."""
    function = item.function
    base = _inherited(project, item)
    if base is not None:
        owing = owes(words.of(function))
        return _switched_off(function, base, Confidence.PROBABLE if owing else Confidence.POSSIBLE)
    if is_wrapped(project.suite.origins, function):
        return None  # `@scenario("orders.feature", "A guest orders")`: its steps stand elsewhere
    if not _is_bare(function) or is_referenced(function.name, function.module.top):
        return None
    owner = function.owner
    foreign = owner is not None and bool(project.suite.origins.lineage(owner)[1])
    why = words.comments(function)
    unclear = foreign and not item.unittest  # a base that cannot be read may have a test of that name
    unclear = unclear or (bool(why) and not owes(why))  # `# this exchange has no partial fill`
    unclear = unclear or _is_sample(owner)
    unclear = unclear or _is_set_up_checking(project, owner)  # it may be there to have that run
    unclear = unclear or _is_about_its_marks(project, item)
    unclear = unclear or (_is_about_its_fixtures(project, item) and not owes(words.of(function)))
    unclear = (
        unclear or "template" in f"{function.module.path.rpartition('/')[2]} {function.name}"
    )  # to be copied
    return _sighting(
        function,
        message=f"`{function.name}` is empty: it is green whatever the product does",
        confidence=Confidence.POSSIBLE if unclear else Confidence.PROBABLE,
    )


def _is_sample(owner: Scope | None) -> bool:
    """Whether others of its class do nothing but raise: what is done with them, a mark or a plug-in is tested by."""
    beside = owner.children if owner is not None else ()
    return any(
        child.name.startswith("test")
        and not child.children
        and [part.kind for part in child.body.statements] == ["raise"]
        for child in beside
    )


def _is_about_its_marks(project: Project, item: Item) -> bool:
    """A fixture that it asks for by a mark is what is tested; a condition to skip is what it reports."""
    marks = project.suite.marks.on(item.function, item.owner)
    return any(mark.name in ("usefixtures", "skipif") for mark in marks)


def _is_about_its_fixtures(project: Project, item: Item) -> bool:
    """Whether one that it asks for by name calls the product: then it is red where that fails."""
    fixtures = project.suite.fixtures
    asked = (fixtures.find(name, item.module, item.owner) for name in requested(item.function))
    scopes = [fixture.scope for fixture in asked if fixture is not None]
    origins = project.suite.origins
    return any(not _PRODUCT.isdisjoint(touches.of_calls(origins, scope)) for scope in scopes)


def _is_set_up_checking(project: Project, owner: Scope | None) -> bool:
    """Whether `setUp` or its like, of the class or a base of it, asserts."""
    ancestors = project.suite.origins.lineage(owner)[0] if owner is not None else []
    return any(
        child.name in LIFECYCLE and project.suite.assertions.of(child).level is Level.CHECKS
        for ancestor in ancestors
        for child in ancestor.children
    )


def _is_bare(function: Scope) -> bool:
    """`pass`, `...`, a docstring or a comment is all there is."""
    plain = all(
        part.kind == "pass" or (part.kind == "expression" and _is_constant(part.value))
        for part in function.body.statements
    )
    imports = any(function.line <= part.line <= function.end_line for part in function.module.imports)
    iterates = any(block.kind in ("for", "async-for", "with", "async-with") for block in function.body.blocks)
    return plain and not imports and not iterates and not function.children


def _is_constant(value: Expression) -> bool:
    return isinstance(value, tuple) and value[0] == facts.CONSTANT


def _inherited(project: Project, item: Item) -> Scope | None:
    """The test of a base class which this one replaces."""
    owner = item.function.owner
    ancestors = project.suite.origins.lineage(owner)[0][1:] if owner is not None else []
    children = (child for ancestor in ancestors for child in ancestor.children)
    return next((child for child in children if child.name == item.function.name), None)


def _switched_off(function: Scope, base: Scope, confidence: Confidence) -> Sighting:
    return Sighting(
        place=Place(path=function.path, line=function.line, symbol=function.qualname),
        end_line=function.end_line,
        message=f"`{function.name}` switches off the inherited `{base.qualname}`, and is counted as passed",
        severity=Severity.LOW,
        confidence=confidence,
        remedy="`self.skipTest(…)` with the reason, or `test_… = None` where the test makes no sense for this class",
        sites=(Place(path=base.path, line=base.line, symbol=base.qualname),),
        reach=Reach.TEST,
    )


def _ends_in_lookup(function: Scope) -> bool:
    """The last call fails where what it looks for is not there: a check of a kind."""
    body = function.body
    if not body.calls:
        return False
    last = last_name(body.calls[-1].callee)
    return last in _LOOKUPS or any(
        spell(call.callee, body.calls).endswith(".objects.get") for call in body.calls
    )


def _has_judging_double(function: Scope) -> bool:
    """A function in the test answers by what it is asked: the product may raise where it is asked wrongly."""
    return any(block.kind == "if" for child in function.children for block in child.body.blocks)


def _reports(function: Scope) -> bool:
    """A script that is called like a test and ends with a code where something fails, or warns by wish."""
    return any(
        call.callee in ("sys.exit", "exit", "os._exit", "warnings.warn") for call in function.body.calls
    )


def _is_skipped_inside(function: Scope) -> bool:
    """A test that only skips or waits to be written is told of elsewhere."""
    return not _SKIPPING.isdisjoint(function.facts.called)


MODE = FailureMode(
    code="TST001",
    name="asserts-nothing",
    family=Family.TESTS,
    summary="a test checks nothing on any path",
    consequence="the code under test may answer anything, and the suite stays green",
    remedy="assert on the result or on the effect that a user would see; if not raising is the point, say so",
    source="Rotten green tests: 294 of 19,905 passing tests hold assertions that never run (ICSE 2019)",
    detector=detect_tests_that_assert_nothing,
    surest=Confidence.PROBABLE,
)
