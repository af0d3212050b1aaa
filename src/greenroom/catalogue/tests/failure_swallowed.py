"""TST003: the test meets a failure, and reports success."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from greenroom.catalogue.tests.by_their_file import of_tests_for_a_runner, of_tests_that_are_run
from greenroom.catalogue.tests.checks import Check, checks_of, is_always_false
from greenroom.catalogue.tests.failing_import import of_tests_that_start
from greenroom.catalogue.tests.laid_aside import is_laid_aside
from greenroom.catalogue.tests.tidying_up import looks_for_what_it_took
from greenroom.detect.search import mentions, whole
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Call, Expression, last_name
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.testing import touches
from greenroom.project.testing.fixtures import requested
from greenroom.project.testing.items import Item
from greenroom.project.testing.scripts import is_script
from greenroom.project.testing.words import Words

_ATTEMPTS = whole("try")
_CATCH_ASSERTIONS = frozenset({"Exception", "BaseException", "AssertionError", "builtins.Exception"})
_PRODUCT = (touches.HTTP, touches.IN_PROCESS, touches.PRODUCTION)
_FAILS = ("fail", "skip", "skipTest", "xfail", "exit")
_HARMLESS = frozenset({
    "print", "str", "repr", "type", "format_exc", "print_exc", "debug", "info", "warning", "error", "exception",
    "critical", "log", "write", "flush", "echo", "warn", "len", "sleep", "pprint", "secho",
})  # fmt: skip

_TIDIES = re.compile(
    r"(?:destroy|close|delete|drop|stop|clean|terminate|remove|unlink|rmtree|disconnect|shutdown)"
)
"""What an earlier run may have left is cleared away: whether there was something does not matter."""


_EITHER_WAY = re.compile(
    r"fuzz|acceptable|anything else|\beither\b|\bor pass\b|\b(?:may|might|could) (?:succeed|fail|raise)"
    r"|\b(?:not|never|without) (?:\w+ ){0,2}(?:crash|hang)",
    re.IGNORECASE,
)


class Swallowed(NamedTuple):
    """An `except` that turns a failure of the test into success."""

    handler: Block
    lost: int
    """How many checks are lost in it; 0 where the call itself was the check, else one of the three below."""


_IN_HANDLER = -1
"""All checks stand in the handler."""
_IN_ELSE = -2
"""All checks stand in the `else` of the `try`."""
_ONE_OF_MANY = -4
"""Nothing is checked, and of many things in a loop each may fail: a report, or a test without checks."""
_ONE_OF_SEVERAL = -3
"""The test checks something else, and whether this call fails does not matter to it."""


@of_tests_for_a_runner
@of_tests_that_are_run
@of_tests_that_start
def detect_swallowed_failures(project: Project) -> Iterator[Sighting]:
    """Handlers that hide what the test would have noticed, and verdicts that are returned."""
    warns, words = _only_warns(project), Words(project.root)
    for item in project.suite.functions():
        if is_laid_aside(project, item) or (is_script(item.module) and _is_program(project, item)):
            continue
        if item.function.module.kind is FileKind.PRODUCTION:
            continue  # a helper of the product that a test imports, whatever it is called
        found = swallowed_in(project, item.function)
        for swallowed in found:
            yield _of_handler(item.function, swallowed, tolerant=_is_tolerant(item.function, words))
        if warns and not found:
            yield from _of_returns(project, item)


def _is_tolerant(function: Scope, words: Words) -> bool:
    """Whether its authors say that either way is right, as long as nothing else happens."""
    calls = function.parent.body.calls if function.parent is not None else ()
    named = [calls[part].callee if isinstance(part, int) else part for part in function.decorators]
    return any(last_name(name) == "given" for name in named) or bool(_EITHER_WAY.search(words.of(function)))


def _is_program(project: Project, item: Item) -> bool:
    """What its file starts by hand and reads the verdict of; or what asks for things that no fixture gives."""
    function = item.function
    given = set(requested(function)) - {
        name for name in requested(function) if project.suite.fixtures.find(name, item.module, item.owner)
    }
    return bool(given) or any(
        part.kind == "return" and _is_verdict(part.value) for part in function.body.statements
    )


def _tries(function: Scope) -> list[int]:
    """The blocks under `try`; few bodies are read for it."""
    if not mentions(function, _ATTEMPTS):
        return []
    return [index for index, block in enumerate(function.body.blocks) if block.kind == "try"]


def swallowed_in(project: Project, function: Scope) -> list[Swallowed]:
    """The handlers of a test after which nothing can fail any more."""
    tries = _tries(function)
    if not tries:
        return []
    body = function.body
    flow, checks = Flow(body), list(checks_of(function))
    checking = set(project.suite.assertions.helpers(function))
    found = []
    for index in tries:
        handlers = flow.handlers(index)
        inside = [check for check in checks if flow.inside(check.block, index)]
        lost = len(inside) or sum(flow.inside(body.calls[call].block, index) for call in checking)
        outside = (
            len(checks)
            - len(inside)
            + sum(not flow.inside(body.calls[call].block, index) for call in checking)
        )
        if not flow.calls_in(index) or _is_excused(flow, index, handlers, outside):
            continue
        blocks = [*(check.block for check in checks), *(body.calls[call].block for call in checking)]
        tidies = all(_TIDIES.match(last_name(call.callee)) for call in flow.calls_in(index))
        if (
            checks
            and not tidies
            and not _fails_by_itself(function, checks)
            and _all_in_handlers(flow, handlers, blocks)
        ):
            denied = all(_denies(check) for check in checks)
            found.append(Swallowed(handlers[0][1], _ONE_OF_SEVERAL if denied else _IN_HANDLER))
            continue
        hiding = [(number, handler) for number, handler in handlers if _hides(function, number)]
        if not hiding or any(
            not _passes_on(function, number)
            for number, handler in handlers
            if (number, handler) not in hiding
        ):
            continue
        if _all_in_else(flow, index, blocks) and not _fails_by_itself(function, checks):
            gone = looks_for_what_it_took(function, index, [handler for _, handler in handlers])
            found.append(Swallowed(hiding[0][1], _ONE_OF_SEVERAL if gone else _IN_ELSE))
            continue
        if not lost and outside and _is_expected(project, function, index, hiding):
            found.append(Swallowed(hiding[0][1], _ONE_OF_SEVERAL))
            continue
        for _, handler in hiding:
            wide = catches_assertions(handler)
            if (lost and wide and inside) or (not lost and not outside and _calls_something(flow, index)):
                report = not lost and any(True for _ in flow.loops(index))
                found.append(Swallowed(handler, _ONE_OF_MANY if report else lost))
                break
    return found


def _all_in_handlers(flow: Flow, handlers: list[tuple[int, Block]], blocks: list[int]) -> bool:
    """Whether nothing is checked where nothing is raised: no check outside, nothing that fails or raises."""
    body = flow.body
    if any(part.kind == "raise" for part in body.statements):
        return False
    if any(last_name(call.callee) in (*_FAILS, "raises", "assertRaises") for call in body.calls):
        return False
    return all(any(flow.inside(block, number) for number, _ in handlers) for block in blocks)


def _all_in_else(flow: Flow, index: int, blocks: list[int]) -> bool:
    """Whether there are checks, each behind the attempt that came through."""
    behind = [
        number
        for number, block in enumerate(flow.body.blocks)
        if block.kind == "try-else" and block.owner == index
    ]
    return bool(blocks) and all(any(flow.inside(block, number) for number in behind) for block in blocks)


def _denies(check: Check) -> bool:
    """`assert "too short" not in str(error)`: another error would do, and none at all even more."""
    test = check.test
    return (
        isinstance(test, tuple)
        and test[0] == facts.COMPARE
        and all(sign in ("not in", "!=", "is not") for sign in test[1])
    )


def _fails_by_itself(function: Scope, checks: list[Check]) -> bool:
    """`assert False` or `self.fail(…)`: coming there at all is the failure, as it should be."""
    return any(is_always_false(check.test) for check in checks) or any(
        last_name(call.callee) == "fail" for call in function.body.calls
    )


def _hides(function: Scope, handler: int) -> bool:
    """Whether a handler only passes, prints, logs, sleeps or returns."""
    flow = Flow(function.body)
    for statement in function.body.statements:
        if not flow.inside(statement.block, handler):
            continue
        if statement.kind in ("raise", "assert", "assign", "augment", "annotate"):
            return False
        if statement.kind == "return" and not _is_plain_result(statement.value):
            return False
    return all(_is_harmless(call) for call in flow.calls_in(handler))


def _is_excused(flow: Flow, index: int, handlers: list[tuple[int, Block]], outside: int) -> bool:
    return _is_retried(flow, index, outside) or _must_raise(flow, index, handlers)


def _must_raise(flow: Flow, index: int, handlers: list[tuple[int, Block]]) -> bool:
    """`call(); raise AssertionError` under an `except` of something else, or `else: raise`: that nothing is raised fails."""
    behind = [
        number for number, block in enumerate(flow.body.blocks)
        if block.kind == "try-else" and block.owner == index
    ]  # fmt: skip
    inside = [] if any(catches_assertions(handler) for _, handler in handlers) else [index]
    return any(
        part.kind == "raise" and any(flow.inside(part.block, number) for number in (*behind, *inside))
        for part in flow.body.statements
    )


def _passes_on(function: Scope, handler: int) -> bool:
    """`except Exception as e: raise e` hides nothing."""
    flow = Flow(function.body)
    return any(part.kind == "raise" and flow.inside(part.block, handler) for part in function.body.statements)


def _is_expected(project: Project, function: Scope, block: int, handlers: list[tuple[int, Block]]) -> bool:
    """`try: client.get("/") except TemplateNotFound: pass`, and nothing looks whether it was raised."""
    body, flow = function.body, Flow(function.body)
    if any(catches_assertions(handler) or flow.calls_in(number) for number, handler in handlers):
        return False
    if any(True for _ in flow.loops(block)) or any(part.kind == "finally" for part in body.enclosing(block)):
        return False
    if any(part.block == block and part.kind not in ("expression", "assign") for part in body.statements):
        return False
    kinds = touches.of_calls(project.suite.origins, function)
    return any(call.block == block and kind in _PRODUCT for call, kind in zip(body.calls, kinds, strict=True))


def _is_plain_result(value: Expression) -> bool:
    return value is None or (isinstance(value, tuple) and value[0] == facts.CONSTANT)


def _is_harmless(call: Call) -> bool:
    name = last_name(call.callee)
    return name in _HARMLESS and name not in _FAILS


def catches_assertions(handler: Block) -> bool:
    """Whether an `AssertionError` ends here."""
    types = handler.detail[0]
    if types is None:
        return True
    return any(isinstance(part, str) and part in _CATCH_ASSERTIONS for part in facts.walk(types))


def _is_retried(flow: Flow, block: int, outside: int) -> bool:
    """Polling: the failure is met again, and what comes after decides."""
    return bool(outside) and any(True for _ in flow.loops(block))


def _calls_something(flow: Flow, block: int) -> bool:
    """Whether the only thing that could have failed stands in the try."""
    return bool(flow.calls_in(block)) and not any(
        last_name(call.callee) in _FAILS for call in flow.body.calls
    )


def _of_handler(function: Scope, swallowed: Swallowed, *, tolerant: bool) -> Sighting:
    handler, lost = swallowed
    types = handler.detail[0]
    what = "`except:`" if types is None else "`except " + _spell(function, types) + "`"
    if lost == _IN_HANDLER:
        message = f"`{function.name}` is green when nothing is raised: all its checks stand in {what}"
    elif lost == _IN_ELSE:
        message = f"`{function.name}` is green when the call fails: {what} goes on, and all its checks stand in `else`"
    elif lost == _ONE_OF_SEVERAL:
        message = f"`{function.name}` does not look whether the call is refused: {what} takes the error, and goes on"
    elif lost > 0:
        count = "a failing assertion" if lost == 1 else f"a failure of {lost} assertions"
        message = f"`{function.name}` stays green: {what} takes {count} and goes on"
    else:
        message = f"`{function.name}` is green whether the call fails or not: {what} takes the error"
    wide = catches_assertions(handler)
    return Sighting(
        place=Place(path=function.path, line=handler.line, symbol=function.qualname),
        end_line=handler.end_line,
        message=message,
        severity=Severity.HIGH if lost >= _IN_HANDLER and lost else Severity.MEDIUM,
        confidence=Confidence.POSSIBLE
        if tolerant and not lost and not wide
        else _confidence(lost, wide=wide),
        subject="except",
        reach=Reach.TEST,
    )


def _confidence(lost: int, *, wide: bool) -> Confidence:
    if lost in (_ONE_OF_SEVERAL, _ONE_OF_MANY):
        return Confidence.POSSIBLE
    if lost == _IN_ELSE:
        return Confidence.PROBABLE
    return Confidence.DEFINITE if lost or wide else Confidence.PROBABLE


def _spell(function: Scope, types: Expression) -> str:
    if isinstance(types, tuple) and types[0] == facts.SEQUENCE:
        return "(" + ", ".join(facts.spell(part, function.body.calls) for part in types[2]) + ")"
    return facts.spell(types, function.body.calls)


def _of_returns(project: Project, item: Item) -> Iterator[Sighting]:
    """`return False`, `return result == expected`: the runner looks at neither."""
    function = item.function
    if item.unittest or function.facts.is_generator or item.never_awaited:
        return
    verdicts = [
        part for part in function.body.statements if part.kind == "return" and _is_verdict(part.value)
    ]
    failing = [part for part in verdicts if not facts.constant(part.value)]
    if (
        not failing
        or any(_checks(check) for check in checks_of(function))
        or _is_fixture_like(project, function)
    ):
        return
    first = failing[0]
    sites = tuple(Place(path=function.path, line=part.line, symbol=function.qualname) for part in failing[1:])
    then = (
        "nobody looks at it" if function.is_async else "pytest warns"
    )  # plugins await it, and drop what it returns
    yield Sighting(
        place=Place(path=function.path, line=first.line, symbol=function.qualname),
        end_line=first.end_line,
        message=f"`{function.name}` returns its verdict instead of failing: {then}, and the test passes",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE,
        remedy="`assert` what is returned",
        sites=sites,
        subject="return",
        reach=Reach.TEST,
    )


def returns_its_verdict(project: Project, item: Item) -> bool:
    """Whether this entry tells that a test returns what it should assert."""
    return any(_of_returns(project, item))


def _is_verdict(value: Expression) -> bool:
    if isinstance(value, tuple) and value[0] == facts.CONSTANT:
        return isinstance(value[1], bool)
    return isinstance(value, tuple) and value[0] == facts.COMPARE


def _checks(check: Check) -> bool:
    return check.call >= 0 or check.test is not None


def _is_fixture_like(project: Project, function: Scope) -> bool:
    """Under a decorator that may look at what is returned."""
    for decorator in function.decorators:
        origin = project.suite.origins.of(function.parent or function, decorator)
        if not origin.startswith(("pytest.mark.", "unittest.mock.", "mock.")):
            return True
    return False


def _only_warns(project: Project) -> bool:
    """Whether pytest merely warns of a test that returns something: not where warnings are errors."""
    return not any("error" in run.options.words("filterwarnings") for run in project.suite.runs)


MODE = FailureMode(
    code="TST003",
    name="failure-swallowed-by-test",
    family=Family.TESTS,
    summary="a test catches the failure that it should report",
    consequence="the very failure that the test was written for happens, is printed, and the suite is green",
    remedy="let the exception reach the runner, or expect it with `pytest.raises`",
    source="pytest documentation, Assertions about expected exceptions; test smell: Exception Handling (2019)",
    detector=detect_swallowed_failures,
    surest=Confidence.PROBABLE,
)
