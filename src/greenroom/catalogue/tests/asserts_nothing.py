"""TST001: a test that is green whatever the product answers."""

import re
from collections.abc import Iterator
from pathlib import Path

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project import facts
from greenroom.project.facts import Statement, spell
from greenroom.project.module import Scope
from greenroom.project.project import Project
from greenroom.project.testing.assertions import Level
from greenroom.project.testing.items import Item

_MUST_NOT_RAISE = re.compile(
    r"(?:not?|n['’]t|never|without|zero)[\s_]+(?:\w+[\s_]+){0,3}?(?:rais|error|exception|crash|fail|throw|block|hang|break"
    r"|explode|blow|deadlock|segfault|warn)|smoke|sanity|no[\s_-]?op\b|_noop|does[\s_]nothing|silent|gracefully"
    r"|idempoten|importable|can_be_(?:imported|pickled|called)|\bimports?\b|should[\s_]work|is[\s_]fine|accepts?"
    r"|tolerate|surviv|ignore[sd]?_|_ignore[sd]?$|allowed|succeeds|just (?:check|make sure|run|call|ensure)|doesnt"
    r"|make sure|not be called|no exception|valid(?!ation)",
    re.IGNORECASE,
)
_COMPARISON = (facts.COMPARE,)


def detect_tests_that_assert_nothing(project: Project) -> Iterator[Sighting]:
    """Tests that run, and on no path of which anything is checked."""
    sources = _Sources(project.root)
    for item in project.suite.functions():
        if item.always_skipped or item.never_awaited or _is_skipped_inside(item.function):
            continue
        sighting = _judge(project, item, sources)
        if sighting is not None:
            yield sighting


def _judge(project: Project, item: Item, sources: "_Sources") -> Sighting | None:
    function, assertions = item.function, project.suite.assertions
    inside = assertions.of(function)
    if inside.level is Level.CHECKS:
        return None
    around = assertions.around(function, item.owner)
    if around.level is Level.CHECKS:
        return None
    found = inside.joined(around)
    confidence = Confidence.DEFINITE
    if found.level is Level.PERHAPS or _MUST_NOT_RAISE.search(sources.text(function)):
        confidence = Confidence.POSSIBLE
    elif found.unresolved:
        confidence = Confidence.PROBABLE
    return Sighting(
        place=Place(path=function.path, line=function.line, symbol=function.qualname),
        end_line=function.end_line,
        message=_message(function),
        severity=Severity.MEDIUM,
        confidence=confidence,
        reach=Reach.TEST,
    )


def _message(function: Scope) -> str:
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
    last = body.calls[-1]
    return f"`{function.name}` asserts nothing: it calls `{spell(last.callee, body.calls)}(…)` and looks at no result"


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


class _Sources:
    """The text of tests, for what their authors say about them in names, docstrings and comments."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = ""
        self._lines: list[str] = []

    def text(self, function: Scope) -> str:
        if function.path != self._path:
            self._path = function.path
            try:
                self._lines = (self._root / self._path).read_text(encoding="utf-8", errors="replace").split("\n")
            except OSError:
                self._lines = []
        lines = self._lines[max(function.line - 4, 0) : function.end_line]
        said = [
            line.partition("#")[2] if "#" in line else line
            for line in lines
            if "#" in line or line.lstrip().startswith(("def ", "async def ", '"""', "'''")) or not _CODE.search(line)
        ]
        return "\n".join(said)


_CODE = re.compile(r"[=()\[\]{}:@]")


MODE = FailureMode(
    code="TST001",
    name="asserts-nothing",
    family=Family.TESTS,
    summary="a test checks nothing on any path",
    consequence="the code under test may answer anything, and the suite stays green",
    remedy="assert on the result or on the effect that a user would see; if not raising is the point, say so",
    source="Rotten green tests: 294 of 19,905 passing tests hold assertions that never run (ICSE 2019)",
    detector=detect_tests_that_assert_nothing,
)
