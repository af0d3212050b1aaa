"""TST014: an assertion that never runs, or only where the product answered with something."""

from collections.abc import Iterator

from greenroom.catalogue.tests.checks import Check, bound_once, checks_of
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression, spell
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.testing import touches
from greenroom.project.testing.assertions import last_name

_SAME_LENGTH = frozenset(
    {"enumerate", "zip", "sorted", "list", "tuple", "set", "reversed", "map", "filter", "iter"}
)
_CLIENTS = (touches.HTTP, touches.IN_PROCESS)
_DEEPEST = 8


def detect_vacuous_assertions(project: Project) -> Iterator[Sighting]:
    """Tests that are green where the product answers with an empty list."""
    for item in project.suite.functions():
        if not item.always_skipped:
            yield from _never_run(item.function)
            sighting = _judge(project, item.function)
            if sighting is not None:
                yield sighting


def _never_run(function: Scope) -> Iterator[Sighting]:
    """Behind a `return` or `raise`, or in the very block that the expected exception leaves."""
    flow = Flow(function.body)
    for check in checks_of(function):
        why = ""
        if flow.is_dead(check.block, check.line) and not _is_for_types(function.body, check):
            why = "it stands behind a `return`, `raise` or `break`"
        elif name := _exception_of(function, check):
            why = f"`{name}` is known only when its block was left by the exception"
        if why:
            yield Sighting(
                place=Place(path=function.path, line=check.line, symbol=function.qualname),
                end_line=check.end_line,
                message=f"an assertion of `{function.name}` never runs: {why}",
                severity=Severity.HIGH,
                confidence=Confidence.DEFINITE,
                remedy="move it to where it is reached",
                subject="dead",
                cause=f"dead:{function.path}::{function.qualname}",
                reach=Reach.TEST,
            )


def _is_for_types(body: Body, check: Check) -> bool:
    """`if TYPE_CHECKING:` tells the type checker, and is not meant to run."""
    return any(
        block.kind == "if" and isinstance(block.detail, str) and block.detail.endswith("TYPE_CHECKING")
        for block in body.enclosing(check.block)
    )


def _exception_of(function: Scope, check: Check) -> str:
    """The name of the `pytest.raises` around a check, where the check asks it."""
    body = function.body
    if check.call >= 0:
        call = body.calls[check.call]
        said = [*call.arguments, *(value for _, value in call.keywords)]
    else:
        said = [check.test]
    for block in body.enclosing(check.block):
        if block.kind not in ("with", "async-with"):
            continue
        for value, target in block.detail:
            named = isinstance(value, int) and isinstance(target, str) and _is_raises(body.calls[value])
            if named and any(_asks(body, part, target) for part in said):
                return str(target)
    return ""


def _is_raises(call: Call) -> bool:
    return last_name(call.callee) in ("raises", "assertRaises", "assertRaisesRegex")


def _asks(body: Body, expression: Expression, name: str) -> bool:
    """Whether an expression, or a call in it, mentions a name."""
    for part in facts.walk(expression):
        if isinstance(part, str) and (part == name or part.startswith(f"{name}.")):
            return True
        if isinstance(part, int):
            call = body.calls[part]
            if any(_asks(body, inner, name) for inner in (call.callee, *call.arguments)):
                return True
    return False


def _judge(project: Project, function: Scope) -> Sighting | None:
    body, flow = function.body, Flow(function.body)
    blocks = [check.block for check in checks_of(function)]
    blocks += [body.calls[index].block for index in project.suite.assertions.helpers(function)]
    if not blocks or function.children or any(part.kind == "raise" for part in body.statements):
        return None
    answers = _Answers(project, function)
    loops = [
        next((found for _, found in flow.loops(block) if answers.loops_over(found)), None) for block in blocks
    ]
    if not all(loops):
        return None
    loop = loops[0]
    assert loop is not None  # noqa: S101 - all of them are there
    return Sighting(
        place=Place(path=function.path, line=loop.line, symbol=function.qualname),
        end_line=loop.end_line,
        message=f"`{function.name}` checks nothing where `{_name(function, loop.detail[1])}` is empty: "
        "all its assertions stand in loops over what the product answered",
        severity=Severity.MEDIUM,
        confidence=Confidence.PROBABLE,
        sites=(Place(path=function.path, line=function.line, symbol=function.qualname),),
        reach=Reach.TEST,
    )


def _name(function: Scope, iterated: Expression) -> str:
    while isinstance(iterated, int) and function.body.calls[iterated].callee in _SAME_LENGTH:
        given = function.body.calls[iterated].arguments
        if not given:
            break
        iterated = given[0]
    return spell(iterated, function.body.calls)


def _is_table(target: Scope) -> bool:
    """A function that only hands out a constant of its module, or a part of one."""
    body = target.body
    returned = [part.value for part in body.statements if part.kind == "return"]
    if target.kind != "function" or body.calls or len(returned) != 1:
        return False
    value = returned[0]
    while isinstance(value, tuple) and value[0] in (facts.ITEM, facts.ATTRIBUTE):
        value = value[1]
    return isinstance(value, str) and value.partition(".")[0].lstrip("_").isupper()


class _Answers:
    """Which values of a test the product gave."""

    def __init__(self, project: Project, function: Scope) -> None:
        self._origins = project.suite.origins
        self._function = function
        self._local = bound_once(function)

    def loops_over(self, block: facts.Block) -> bool:
        """Whether a loop runs over an answer, as often as that is long."""
        return block.kind == "for" and self._is_answer(block.detail[1], 0)

    def _is_answer(self, expression: Expression, depth: int) -> bool:
        if depth > _DEEPEST or expression is None:
            return False
        if isinstance(expression, str):
            return self._is_answer(self._local.get(expression.partition(".")[0]), depth + 1)
        if isinstance(expression, int):
            return self._is_answered(expression, depth)
        if expression[0] in (facts.AWAIT, facts.ITEM, facts.ATTRIBUTE):
            return self._is_answer(expression[1], depth + 1)
        return False

    def _is_answered(self, index: int, depth: int) -> bool:
        call = self._function.body.calls[index]
        if call.callee in _SAME_LENGTH:
            return call.keyword("strict") != (facts.CONSTANT, True) and any(
                self._is_answer(part, depth + 1) for part in call.arguments
            )
        target = self._origins.scope(self._origins.callee(self._function, index))
        if target is not None and (self._is_own(target) or _is_table(target)):
            return False
        kind = touches.of_call(self._origins, self._function, index, call)
        if kind in _CLIENTS:
            return True
        if kind == touches.PRODUCTION:
            if target is None or target.kind != "class":
                return True
            return any(self._is_answer(part, depth + 1) for part in call.arguments)
        head = call.callee if isinstance(call.callee, str) else spell(call.callee, self._function.body.calls)
        if "." not in head:
            return False
        name = head.partition(".")[0]
        return self._is_product(name) or self._is_answer(name, depth + 1)

    def _is_own(self, target: Scope) -> bool:
        """A method of the test's own class or of its bases: its own data."""
        owner = self._function.owner
        return owner is not None and target.owner in self._origins.lineage(owner)[0]

    def _is_product(self, name: str) -> bool:
        """A class of the product that is asked, such as `Change.query.filter(…)`."""
        origin = self._origins.of_global(self._function.module, name) if name not in self._local else ""
        scope, module = self._origins.scope(origin), self._origins.module_of(origin)
        if scope is None or module is None or scope.kind != "class" or origin.endswith("()"):
            return False
        return touches.is_production(module.kind, module.path)


MODE = FailureMode(
    code="TST014",
    name="vacuous-assertions",
    family=Family.TESTS,
    summary="an assertion never runs, or only where the answer is not empty",
    consequence="what the assertion says may be wrong for years: it is counted as a check, and the test is green",
    remedy="assert how many there are before looking at each of them, and nothing behind the end",
    source="Rotten green tests: context-dependent rotten assertions (Delplanque et al., ICSE 2019)",
    detector=detect_vacuous_assertions,
)
