"""EVL004: a task that nobody holds, and work that cannot be cancelled."""

import re
from collections.abc import Iterator
from dataclasses import replace

from greenroom.catalogue.event_loop.abandoned_task import DROP_CANCEL, ORPHAN_TASK, UNSHIELD
from greenroom.catalogue.event_loop.at_exit import is_after_interrupt, runs_at_exit_only
from greenroom.catalogue.event_loop.cancellation import detect_swallowed_cancellations
from greenroom.catalogue.event_loop.developer import is_demonstration
from greenroom.catalogue.event_loop.filled_by_nobody import is_never_set
from greenroom.catalogue.event_loop.harmless import (
    is_asked_for_error,
    is_held_by_loop,
    tells_of_failure,
    works_of,
)
from greenroom.catalogue.event_loop.strong_evidence import is_not_taken, is_strong, suspends
from greenroom.catalogue.event_loop.swallowed_cancel import SWALLOW_CANCEL
from greenroom.detect.live import Live
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
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
_NEAR = 1
"""Calls between a request and what it leaves behind."""
_CUT_OFF = "a shutdown does not wait for it, and cuts off what the request was told would be done, without a line in the log"
_MAKES_OR_DROPS = _NAMES + words(*_DROPS_RESULT)
_FOR_TESTS = re.compile(r"_(?:for|in)_(?:unit_?)?test(?:s|ing)?$")
_CONFIDENCE = {CERTAIN: Confidence.DEFINITE, PROBABLE: Confidence.PROBABLE}


def detect_dangling_tasks(project: Project) -> Iterator[Sighting]:
    """Tasks referenced by nobody, and handlers that swallow a cancellation."""
    live = project.once(Live)
    handling = set(mentioning(project.production(), _MAKES_OR_DROPS))
    for module in project.production():
        for scope in module.scopes:
            if scope in handling and not runs_at_exit_only(project, scope):
                yield from _dropped_by(project, scope)
            for found in detect_swallowed_cancellations(project, scope):
                yield found if live.runs(scope) else replace(found, confidence=Confidence.POSSIBLE)


def _dropped_by(project: Project, scope: Scope) -> Iterator[Sighting]:
    body, live = scope.body, project.once(Live)
    flow = Flow(body)
    for index, call in enumerate(body.calls):
        if flow.is_dead(call.block, call.line) or is_after_interrupt(body, call):
            continue
        certainty = _starts_task(project, scope, call)
        if certainty > 0:
            fate = _fate(scope, flow, index, call)
            if fate is not None:
                clause, certain = fate
                harmless = (
                    is_held_by_loop(project, scope, call)
                    or is_asked_for_error(project, scope, index)
                    or is_not_taken(project, scope, call)
                )
                told = tells_of_failure(project, scope, call)
                asked_for = told and certain and not harmless and _is_of_request(project, scope)
                known = (clause, certain and not harmless and (asked_for or not told))
                found = _sighting(
                    project, scope, call, known, min(certainty, PROBABLE) if told else certainty
                )
                works = works_of(project, scope, call)
                if not (live.runs(scope) and is_strong(project, scope, call, works)):
                    lives = scope.is_async and (
                        suspends(project, scope, call, works)
                        or (live.runs(scope) and any(map(_awaits, works)))
                    )
                    found = replace(found, confidence=_weaker(project, scope, found.confidence, lives=lives))
                yield replace(found, consequence=_CUT_OFF) if told else found
        elif facts.last_name(call.callee) in _DROPS_RESULT:
            yield from _handed_over(project, scope, call)


def _awaits(work: Scope) -> bool:
    return any(call.usage & _WAITS for call in work.body.calls)


def _weaker(project: Project, scope: Scope, known: Confidence, *, lives: bool) -> Confidence:
    """Possible where neither who comes is known, nor a loaded coroutine leaves work behind that waits for something.

    Of a library nobody knows who comes, and in which loop.
    """
    live = project.once(Live)
    if known is Confidence.POSSIBLE or (lives and live.is_loaded(scope.module)):
        return max(known, Confidence.PROBABLE, key=list(Confidence).index)
    is_certain = known is Confidence.DEFINITE and not live.serves
    return Confidence.PROBABLE if is_certain else Confidence.POSSIBLE


def _is_of_request(project: Project, scope: Scope) -> bool:
    """Whether a request, or what its handler calls, leaves the work behind: its client was told that it will be done."""
    near = len(project.entries.path(scope)) <= _NEAR
    return near and project.entries.reach(scope) in (Reach.ROUTE, Reach.SOCKET)


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
                    known = (fate[0], not is_held_by_loop(project, inner, made))
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
    certain = certain and not (
        _is_for_tests(scope) or _is_allowed(project, scope, call) or is_never_set(project, scope, call)
    )
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
    surest=Confidence.PROBABLE,
    operators=(ORPHAN_TASK, DROP_CANCEL, UNSHIELD, SWALLOW_CANCEL),
)
