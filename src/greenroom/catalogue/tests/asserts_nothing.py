"""TST001: a test that is green whatever the product answers."""

import re
from collections.abc import Iterator

from greenroom.catalogue.tests.failure_swallowed import swallowed_in
from greenroom.catalogue.tests.skip_conditions import skips_of
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Statement, last_name, spell
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.testing.assertions import Level
from greenroom.project.testing.items import Item
from greenroom.project.testing.words import Words, says_must_not_raise

_COMPARISON = (facts.COMPARE,)
_OWES = re.compile(r"\b(?:todo|fixme|xxx|broken|fails?|failing|bug|fix)\b", re.IGNORECASE)
"""Said of a test that is switched off: it would fail."""
_LOOKUPS = frozenset({
    "execute", "one", "scalar_one", "get_current_head", "open", "read_text", "read_bytes", "stat", "loads", "unlink",
    "result", "join", "wait", "ping", "connect",
})  # fmt: skip
_TELLING = frozenset({
    "print", "str", "repr", "len", "isinstance", "debug", "info", "warning", "error", "exception", "log", "sleep",
    "poll", "close", "exit", "append", "strip", "format",
})  # fmt: skip
"""What a test does besides calling what it tests."""
_EVERYWHERE = frozenset(
    {"", "get", "post", "put", "patch", "delete", "request", "str", "dict", "list", "open", "print"}
)
"""Names that say nothing of what is called."""


def detect_tests_that_assert_nothing(project: Project) -> Iterator[Sighting]:
    """Tests that run, and on no path of which anything is checked."""
    words, rejected = Words(project.root), _Rejected()
    for item in project.suite.functions():
        if item.always_skipped or item.never_awaited or _is_skipped_inside(item.function):
            continue
        if swallowed_in(project, item.function):
            continue  # TST003 names the handler
        sighting = _judge(project, item, words, rejected)
        if sighting is not None:
            yield sighting


def _judge(project: Project, item: Item, words: Words, rejected: "_Rejected") -> Sighting | None:
    function, assertions = item.function, project.suite.assertions
    inside = assertions.of(function)
    if inside.level is Level.CHECKS:
        return None
    around = assertions.around(function, item.owner)
    if around.level is Level.CHECKS:
        return None
    found = inside.joined(around)
    confidence = Confidence.DEFINITE
    switched_off = None if function.body.calls else _inherited(project, item)
    if switched_off is not None:
        owes = _OWES.search(words.of(function)) is not None
        return _switched_off(function, switched_off, Confidence.PROBABLE if owes else Confidence.POSSIBLE)
    not_raising = says_must_not_raise(words.of(function)) or rejected.has_twin(function)
    by_hand = _exits(function) or any(skip.kind == "variable" for skip in skips_of(project, item))
    if found.level is Level.PERHAPS or _ends_in_lookup(function) or not_raising or by_hand:
        confidence = Confidence.POSSIBLE
    elif found.unresolved:
        confidence = Confidence.PROBABLE
    return Sighting(
        place=Place(path=function.path, line=function.line, symbol=function.qualname),
        end_line=function.end_line,
        message=_message(project, function),
        severity=Severity.MEDIUM,
        confidence=confidence,
        reach=Reach.TEST,
    )


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


class _Rejected:
    """What other tests of a file expect to be rejected: then being accepted is a result."""

    def __init__(self) -> None:
        self._names: dict[str, frozenset[str]] = {}

    def has_twin(self, function: Scope) -> bool:
        """Whether the same thing is called under `pytest.raises` by a neighbour."""
        module = function.module
        if module.path not in self._names:
            self._names[module.path] = frozenset(
                name for scope in module.scopes for name in _called_in_raises(scope)
            )
        names = self._names[module.path]
        return any(last_name(call.callee) in names for call in function.body.calls)


def _called_in_raises(scope: Scope) -> Iterator[str]:
    flow = Flow(scope.body)
    for index, block in enumerate(scope.body.blocks):
        if block.kind not in ("with", "async-with"):
            continue
        entered = [
            last_name(scope.body.calls[value].callee) for value, _ in block.detail if isinstance(value, int)
        ]
        if {"raises", "assertRaises", "assertRaisesRegex", "assertRaisesMessage"} & set(entered):
            yield from {last_name(call.callee) for call in flow.calls_in(index)} - _EVERYWHERE


def _ends_in_lookup(function: Scope) -> bool:
    """The last call fails where what it looks for is not there: a check of a kind."""
    body = function.body
    if not body.calls:
        return False
    last = last_name(body.calls[-1].callee)
    return last in _LOOKUPS or any(
        spell(call.callee, body.calls).endswith(".objects.get") for call in body.calls
    )


def _exits(function: Scope) -> bool:
    """A script that is called like a test, and ends with a code where something fails."""
    return any(call.callee in ("sys.exit", "exit", "os._exit") for call in function.body.calls)


def _message(project: Project, function: Scope) -> str:
    body = function.body
    forgotten = next((part for part in body.statements if _is_forgotten(part)), None)
    if forgotten is not None:
        how = "returns a comparison" if forgotten.kind == "return" else "compares"
        return f"`{function.name}` {how} on line {forgotten.line} without `assert`: nothing is checked"
    rotten = [child.name for child in function.children if child.kind == "function" and _asserts(child)]
    if rotten:
        return f"`{function.name}` checks nothing: its assertions stand in `{rotten[0]}`, which nobody calls"
    if not body.calls:
        return f"`{function.name}` is empty: it is green whatever the product does"
    called = spell(_subject(project, function).callee, body.calls)
    return (
        f"`{function.name}` asserts nothing: it calls `{called}(…)`, and no result of it turns the test red"
    )


def _subject(project: Project, function: Scope) -> Call:
    """The call of the test that most likely is what it tests: the last into production, else not a line of a log."""
    origins, calls = project.suite.origins, function.body.calls
    homes = [origins.scope(origins.callee(function, index).removesuffix("()")) for index in range(len(calls))]
    live = [
        call
        for call, home in zip(calls, homes, strict=True)
        if home is not None and home.kind == "function" and home.module.kind is FileKind.PRODUCTION
    ]
    told = [call for call in calls if last_name(call.callee) not in _TELLING]
    foreign = [call for call, home in zip(calls, homes, strict=True) if home is None and call in told]
    return (live or foreign or told or list(calls))[-1]


def _is_forgotten(statement: Statement) -> bool:
    value = statement.value
    return statement.kind in ("expression", "return") and isinstance(value, tuple) and value[0] in _COMPARISON


def _asserts(child: Scope) -> bool:
    return any(statement.kind == "assert" for statement in child.body.statements)


def _is_skipped_inside(function: Scope) -> bool:
    """A test that only skips or waits to be written is told of elsewhere."""
    for call in function.body.calls:
        spelled = spell(call.callee, function.body.calls)
        if spelled.rsplit(".", 1)[-1] in ("skip", "skipTest", "xfail", "importorskip"):
            return True
    return False


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
