"""EVL004: a task that nobody holds, and work that cannot be cancelled."""

import re
from collections.abc import Iterator

from greenroom.catalogue.event_loop.abandoned_task import DROP_CANCEL, ORPHAN_TASK, UNSHIELD
from greenroom.catalogue.event_loop.at_exit import runs_at_exit_only
from greenroom.catalogue.event_loop.cancellation import detect_swallowed_cancellations
from greenroom.catalogue.event_loop.developer import is_demonstration
from greenroom.catalogue.event_loop.swallowed_cancel import SWALLOW_CANCEL
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.classes import is_stub
from greenroom.project.calls.values import CERTAIN, PROBABLE, Value
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.mentions import mentions
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_STARTERS = {"asyncio.create_task", "asyncio.ensure_future"}
_STARTERS_ELSEWHERE = tuple(f".{name}" for name in _STARTERS)  # `from another_module import asyncio`
_NAMES = words("create_task", "ensure_future")
_LOOPS = {"asyncio.AbstractEventLoop"}
_LOOP_NAME = re.compile(r"(?:^|[._])loop$")
# They tell the task something; that does not make anyone hold it.
_KEEPS_NOTHING = {"add_done_callback", "set_name", "get_name"}
# They call what they are given, and drop what it returns.
_DROPS_RESULT = {
    "call_soon", "call_soon_threadsafe", "call_later", "call_at", "add_done_callback", "add_reader", "add_writer",
}  # fmt: skip
_IN_THREAD = {"to_thread", "run_in_executor", "run_in_threadpool", "run_sync"}
_CLOSES = {"close", "aclose", "dispose", "disconnect", "wait_closed"}
_MAKES_OR_DROPS = _NAMES + words(*_DROPS_RESULT)
_FOR_TESTS = re.compile(r"_(?:for|in)_(?:unit_?)?test(?:s|ing)?$")
_CONFIDENCE = {CERTAIN: Confidence.DEFINITE, PROBABLE: Confidence.PROBABLE}


def detect_dangling_tasks(project: Project) -> Iterator[Sighting]:
    """Tasks referenced by nobody, and handlers that swallow a cancellation."""
    handling = set(mentioning(project.production(), _MAKES_OR_DROPS))
    for module in project.production():
        for scope in module.scopes:
            if scope in handling and not runs_at_exit_only(project, scope):
                yield from _dropped_by(project, scope)
            yield from detect_swallowed_cancellations(project, scope)


def _dropped_by(project: Project, scope: Scope) -> Iterator[Sighting]:
    body = scope.body
    flow = Flow(body)
    for index, call in enumerate(body.calls):
        if flow.is_dead(call.block, call.line):
            continue
        certainty = _starts_task(project, scope, call)
        if certainty > 0:
            fate = _fate(scope, flow, index, call)
            if fate is not None:
                clause, certain = fate
                harmless = (
                    _is_held_by_loop(project, scope, call)
                    or _tells_of_failure(project, scope, call)
                    or _is_asked_for_error(project, scope, index)
                )
                yield _sighting(project, scope, call, (clause, certain and not harmless), certainty)
        elif facts.last_name(call.callee) in _DROPS_RESULT:
            yield from _handed_over(project, scope, call)


def _starts_task(project: Project, scope: Scope, call: Call) -> int:
    """How certain it is that the call makes a task of asyncio's."""
    last = facts.last_name(call.callee)
    if last not in ("create_task", "ensure_future"):
        return 0
    values = project.inference.expression(scope, call.callee)
    if values:
        return max((value.certainty for value in values if _is_starter(project, value)), default=0)
    return PROBABLE if _LOOP_NAME.search(_receiver(call.callee)) else 0


def _is_starter(project: Project, value: Value) -> bool:
    if value.kind == "library":
        return value.ref in _STARTERS or value.ref.endswith(_STARTERS_ELSEWHERE)
    return (
        value.kind == "member"
        and value.ref[1] == "create_task"
        and project.effects.canonical(value.ref[0]) in _LOOPS
    )


# what becomes of it: a clause for the message and whether that is certain; None where it is held


def _fate(scope: Scope, flow: Flow, index: int, call: Call) -> tuple[str, bool] | None:
    if call.usage & facts.DISCARDED:
        return ("is dropped where it is made", True) if not call.usage & facts.AWAITED else None
    if call.usage & facts.ASSIGNED:
        return _fate_of_assigned(scope, flow, index)
    for outer in flow.body.calls:
        if _asks_only(outer, index):
            return (f"is dropped: `{facts.last_name(outer.callee)}` keeps no reference", True)
    for statement in flow.body.statements:
        if statement.kind == "expression" and _holds(statement.value, index):
            return ("is dropped with the list it is in", True)
    return None


def _asks_only(outer: Call, index: int) -> bool:
    """`create_task(…).add_done_callback(…)` as a statement."""
    callee = outer.callee
    return (
        isinstance(callee, tuple)
        and callee[0] == facts.ATTRIBUTE
        and callee[1] == index
        and callee[2] in _KEEPS_NOTHING
        and bool(outer.usage & facts.DISCARDED)
    )


def _holds(expression: Expression, index: int) -> bool:
    """Whether a bare expression such as `[create_task(x) for x in y]` makes the task."""
    if not isinstance(expression, tuple) or expression[0] not in (facts.COMPREHENSION, facts.SEQUENCE):
        return False
    return any(type(part) is int and part == index for part in facts.walk(expression))


def _fate_of_assigned(scope: Scope, flow: Flow, index: int) -> tuple[str, bool] | None:
    """An unread local holds the task no longer than its function runs."""
    if not scope.is_function:
        return None
    for statement in flow.body.statements:
        if statement.kind not in ("assign", "annotate") or statement.value != index:
            continue
        targets = statement.target if statement.kind == "assign" else (statement.target,)
        name = targets[0]
        if len(targets) > 1 or not isinstance(name, str) or "." in name or _is_shared(flow.body, name):
            return None
        if _is_used(scope, name) or _lives_on(flow, statement.block, statement.line):
            return None
        waits = any(call.line > statement.end_line and call.usage & _WAITS for call in flow.body.calls)
        return (f"is held by the local `{name}` only, which nothing reads", not waits)
    return None


_EVERYTHING = {"Exception", "BaseException"}
_WAITS = facts.AWAITED | facts.ENTERED_ASYNC | facts.ITERATED_ASYNC


def _is_shared(body: Body, name: str) -> bool:
    return any(part.kind == "global" and name in part.target for part in body.statements)


def _is_used(scope: Scope, name: str) -> bool:
    body = scope.body
    asked = {f"{name}.{method}" for method in _KEEPS_NOTHING}
    told = [call.callee for call in body.calls if call.callee in asked and call.usage & facts.DISCARDED]
    read = [text for text in mentions(body, name) if text not in told]
    return bool(read) or any(_is_used_inside(child, name) for child in scope.children)


def _is_used_inside(scope: Scope, name: str) -> bool:
    if next(mentions(scope.body, name), None) is not None:
        return True
    return any(_is_used_inside(child, name) for child in scope.children)


def _lives_on(flow: Flow, block: int, line: int) -> bool:
    """Whether the frame goes on after the assignment for as long as the application runs."""
    body = flow.body
    later = [part for part in body.statements if part.line > line]
    if any(part.kind == "yield" for part in later):
        return True
    if any(found.kind in ("while", "async-for") and found.line > line for found in body.blocks):
        return True
    if any(True for _ in flow.loops(block)):
        return False
    return any(
        call.line > line and re.match(r"_?(?:run|serve|wait|join|start|main)", facts.last_name(call.callee))
        for call in body.calls
    )


def _is_held_by_loop(project: Project, scope: Scope, call: Call) -> bool:
    """Whether the work is done in one step, in a thread, or beats: the loop's queue and timers, or the thread, hold it."""
    work = call.arguments[0] if call.arguments else None
    if type(work) is int and facts.last_name(scope.body.calls[work].callee) in _IN_THREAD:
        return True
    runs = _runs(project, scope, call)
    return bool(runs) and all(_only_sleeps(work) or _closes_later(work) for work in runs)


def _runs(project: Project, scope: Scope, call: Call) -> list[Scope]:
    """The coroutine functions that the task may run; none where one of them is not known."""
    work = call.arguments[0] if call.arguments else None
    if isinstance(work, str):
        made = [part.value for part in scope.body.statements if part.kind == "assign" and work in part.target]
        work = made[0] if len(made) == 1 else None
    found = [
        edge.target
        for edge in project.graph.edges(scope)
        if type(work) is int and edge.call == work and edge.how == "call"
    ]
    known = [target for target in found if target is not None and target.is_async and not is_stub(target)]
    return known if len(known) == len(found) else []


def _tells_of_failure(project: Project, scope: Scope, call: Call) -> bool:
    """Whether the work reports its own failures: each of its awaits stands in a `try` that catches all, and says so."""
    runs = _runs(project, scope, call)
    return bool(runs) and all(map(_reports_all, runs))


def _reports_all(work: Scope) -> bool:
    flow = Flow(work.body)
    waits = [call.block for call in work.body.calls if call.usage & _WAITS and not _is_sleep(call)]
    waits += [number for number, block in enumerate(work.body.blocks) if block.kind == "async-for"]
    return bool(waits) and all(_is_reported(flow, block) for block in waits)


def _is_reported(flow: Flow, block: int) -> bool:
    """Whether a handler for everything is around that calls something, such as a logger, and does not raise."""
    around = [number for number, part in enumerate(flow.body.blocks) if part.kind == "try"]
    return any(
        _catches_all(handler.detail[0]) and flow.calls_in(index) and not _raises(flow, index)
        for number in around
        if flow.inside(block, number)
        for index, handler in flow.handlers(number)
    )


def _raises(flow: Flow, handler: int) -> bool:
    return any(part.kind == "raise" and flow.inside(part.block, handler) for part in flow.body.statements)


def _catches_all(types: Expression) -> bool:
    return types is None or (isinstance(types, str) and facts.last_name(types) in _EVERYTHING)


def _only_sleeps(work: Scope) -> bool:
    if work.facts.is_generator or work.decorators:
        return False
    body = work.body
    if any(block.kind in ("async-for", "async-with") for block in body.blocks):
        return False
    written = [part.value for part in body.statements]
    written += [
        value for call in body.calls for value in (*call.arguments, *(given for _, given in call.keywords))
    ]
    written += [block.detail for block in body.blocks if block.kind in ("if", "while")]
    if any(_awaits_object(part) for expression in written for part in facts.walk(expression)):
        return False
    flow = Flow(body)
    return all(_is_sleep(call) and any(flow.loops(call.block)) for call in body.calls if call.usage & _WAITS)


def _closes_later(work: Scope) -> bool:
    """It sleeps, which a timer holds, and then only closes what nobody needs any more: nothing is lost with it."""
    waits = [call for call in work.body.calls if call.usage & _WAITS]
    then = [call for call in waits if not _is_sleep(call)]
    return (
        bool(then)
        and _is_sleep(waits[0])
        and all(facts.last_name(call.callee) in _CLOSES for call in then)
        and not any(block.kind in ("async-for", "async-with") for block in work.body.blocks)
    )


def _is_sleep(call: Call) -> bool:
    return facts.last_name(call.callee).lstrip("_") == "sleep"


def _awaits_object(part: Expression) -> bool:
    """`await future`, which may be anything."""
    return isinstance(part, tuple) and part[0] == facts.AWAIT and type(part[1]) is not int


def _is_asked_for_error(project: Project, scope: Scope, index: int) -> bool:
    """Whether a done callback of ours takes the task's exception or result: somebody hears how it ended."""
    body = scope.body
    names = [part.target[0] for part in body.statements if part.kind == "assign" and part.value == index]
    told = [f"{name}.add_done_callback" for name in names]
    callbacks = [
        call
        for call in body.calls
        if call.callee in told or call.callee == (facts.ATTRIBUTE, index, "add_done_callback")
    ]
    told_to = [
        edge.target
        for edge in project.graph.edges(scope)
        if edge.how == "reference" and any(call.line <= edge.line <= call.end_line for call in callbacks)
    ]
    told_to += [
        scope.module.scopes[given[1]]
        for call in callbacks
        for given in call.arguments
        if isinstance(given, tuple) and given[0] == facts.LAMBDA
    ]
    return any(
        facts.last_name(asked.callee) in ("exception", "result")
        for function in told_to
        if function is not None
        for asked in function.body.calls
    )


# tasks that somebody else drops


def _handed_over(project: Project, scope: Scope, call: Call) -> Iterator[Sighting]:
    """`loop.call_later(1, lambda: create_task(f()))`, `call_soon_threadsafe(create_task, f())`."""
    for argument in call.arguments:
        fate = (f"is dropped by `{facts.last_name(call.callee)}`", True)
        if isinstance(argument, tuple) and argument[0] == facts.LAMBDA:
            inner = scope.module.scopes[argument[1]]
            for made in inner.body.calls:
                certainty = _starts_task(project, inner, made)
                if certainty > 0 and made.usage & facts.RETURNED:
                    known = (fate[0], not _is_held_by_loop(project, inner, made))
                    yield _sighting(project, inner, made, known, min(certainty, PROBABLE))
        elif isinstance(argument, str) and facts.last_name(argument) in ("create_task", "ensure_future"):
            made = call._replace(callee=argument)
            if _starts_task(project, scope, made) > 0:
                yield _sighting(project, scope, made, fate, PROBABLE)


# the finding


def _sighting(project: Project, scope: Scope, call: Call, fate: tuple[str, bool], certainty: int) -> Sighting:
    clause, certain = fate
    body = scope.body
    worker = _work(call, body) if facts.last_name(call.callee) in ("create_task", "ensure_future") else ""
    while scope.kind == "lambda" and scope.parent is not None:
        scope = scope.parent
    task = f"the task of `{worker}`" if worker else "the task"
    certain = certain and not (_is_for_tests(scope) or _is_allowed(project, scope, call))
    low = project.entries.reach(scope) in (Reach.SCRIPT, Reach.WORKER) or not certain
    return Sighting(
        place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
        end_line=call.end_line,
        message=f"{task} {clause}: the event loop alone holds it, and weakly",
        severity=Severity.LOW if low else Severity.MEDIUM,
        confidence=_CONFIDENCE[certainty] if certain else Confidence.POSSIBLE,
        subject=worker or facts.spell(call.callee, body.calls),
    )


def _is_allowed(project: Project, scope: Scope, call: Call) -> bool:
    """`# noqa: RUF006`: its author was told by ruff, and decided."""
    lines = project.inventory.read_text(scope.path).split("\n")[call.line - 1 : call.end_line]
    return any("noqa" in line and "RUF006" in line for line in lines)


def _is_for_tests(scope: Scope) -> bool:
    """What a product lends to the tests of others ends with them: `app/testing/running.py`, `def _reset_for_tests()`."""
    return (
        is_demonstration(scope)
        or "testing" in scope.path.replace(".py", "").split("/")
        or bool(_FOR_TESTS.search(scope.name))
    )


def _work(call: Call, body: Body) -> str:
    """What the task runs, as the code spells it."""
    first = call.arguments[0] if call.arguments else None
    if type(first) is int and first < len(body.calls):
        return facts.spell(first, body.calls)
    return ""


def _receiver(callee: Expression) -> str:
    """The last name before the method: `loop` in `get_context().loop.create_task`."""
    if isinstance(callee, str):
        return callee.rpartition(".")[0]
    if isinstance(callee, tuple) and callee[0] == facts.ATTRIBUTE:
        inner = callee[1]
        return facts.last_name(inner) if isinstance(inner, str | tuple) else ""
    return ""


MODE = FailureMode(
    code="EVL004",
    name="dangling-task",
    family=Family.EVENT_LOOP,
    summary="a task that nobody holds, or work that swallows its cancellation",
    consequence=(
        "the task may be collected before it is done, its exception is told to nobody, "
        "and a shutdown does not wait for it"
    ),
    remedy=(
        "hold the task until it is done: in a TaskGroup, or in a set from which its done callback discards it"
    ),
    source="Python documentation, Coroutines and Tasks: asyncio.create_task, Task Cancellation",
    detector=detect_dangling_tasks,
    operators=(ORPHAN_TASK, DROP_CANCEL, UNSHIELD, SWALLOW_CANCEL),
)
