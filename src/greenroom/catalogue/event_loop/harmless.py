"""Tasks that nobody holds and that do little harm: the loop holds the work, or somebody hears how it ended."""

import re

from greenroom.catalogue.event_loop.after_pause import is_sleep, tidies_memory_later
from greenroom.catalogue.event_loop.first_step import (
    IN_THREAD,
    WAITS,
    awaits_object,
    ends_in_first_step,
    is_one_call_in_thread,
)
from greenroom.project.calls.classes import is_stub
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_CLOSES = {"close", "aclose", "dispose", "disconnect", "wait_closed"}
_ENDING = re.compile(r"_*(?:close|aclose|disconnect|shutdown|terminate|hang_?up)(?:_|$)")
_ENDS = frozenset(
    {"exit", "_exit", "abort", "kill", "killpg", "raise_signal", "execv", "execve", "execl", "execvp"}
)
_EVERYTHING = {"Exception", "BaseException"}


def is_held_by_loop(project: Project, scope: Scope, call: Call) -> bool:
    """Whether the work is done in one step, in a thread, or beats: the loop's queue and timers, or the thread, hold it."""
    work = call.arguments[0] if call.arguments else None
    if type(work) is int and facts.last_name(scope.body.calls[work].callee) in IN_THREAD:
        return True
    runs = works_of(project, scope, call)
    return bool(runs) and all(
        _only_waits(work)
        or ends_in_first_step(project, work)
        or is_one_call_in_thread(project, work)
        or _closes_later(work)
        or _ends_later(work)
        or tidies_memory_later(project, work)
        or _closes_whatever_comes(work)
        for work in runs
    )


def works_of(project: Project, scope: Scope, call: Call) -> list[Scope]:
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


def tells_of_failure(project: Project, scope: Scope, call: Call) -> bool:
    """Whether the work reports its own failures: each of its awaits stands in a `try` that catches all, and says so."""
    runs = works_of(project, scope, call)
    return bool(runs) and all(map(_reports_all, runs))


def _reports_all(work: Scope) -> bool:
    flow = Flow(work.body)
    waits = [call.block for call in work.body.calls if call.usage & WAITS and not is_sleep(call)]
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


def _only_waits(work: Scope) -> bool:
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
    if any(awaits_object(part) for expression in written for part in facts.walk(expression)):
        return False
    flow = Flow(body)
    return all(
        (is_sleep(call) or _takes_next(call)) and any(flow.loops(call.block))
        for call in body.calls
        if call.usage & WAITS
    )


def _takes_next(call: Call) -> bool:
    """`await self.queue.get()`: whom the queue is to wake, it holds."""
    return facts.last_name(call.callee) == "get" and not call.arguments and not call.keywords


def _closes_whatever_comes(work: Scope) -> bool:
    """It ends something, and whatever its waits raise is let pass: nobody is to hear of it, or to wait for it."""
    body, flow = work.body, Flow(work.body)
    waits = [call.block for call in body.calls if call.usage & WAITS]
    waits += [
        part.block for part in body.statements for each in facts.walk(part.value) if awaits_object(each)
    ]
    return (
        bool(waits)
        and bool(_ENDING.match(work.name))
        and all(
            any(
                _suppresses_all(body, number) and flow.inside(block, number)
                for number in range(len(body.blocks))
            )
            for block in waits
        )
    )


def _suppresses_all(body: Body, number: int) -> bool:
    """`with suppress(Exception):`."""
    if body.blocks[number].kind != "with":
        return False
    entered = [body.calls[made] for made, _ in body.blocks[number].detail if type(made) is int]
    return any(
        facts.last_name(call.callee) == "suppress" and any(map(_catches_all, call.arguments))
        for call in entered
    )


def _closes_later(work: Scope) -> bool:
    """It sleeps, which a timer holds, and then only closes what nobody needs any more: nothing is lost with it."""
    waits = [call for call in work.body.calls if call.usage & WAITS]
    then = [call for call in waits if not is_sleep(call)]
    return (
        bool(then)
        and is_sleep(waits[0])
        and all(facts.last_name(call.callee) in _CLOSES for call in then)
        and not any(block.kind in ("async-for", "async-with") for block in work.body.blocks)
    )


def _ends_later(work: Scope) -> bool:
    """It sleeps until the answer is out, and then ends the process: its timer holds it, and nobody is left to hear of it."""
    waits = [call for call in work.body.calls if call.usage & WAITS]
    then = [facts.last_name(call.callee) for call in work.body.calls if call not in waits]
    return bool(waits) and all(map(is_sleep, waits)) and not _ENDS.isdisjoint(then)


def is_asked_for_error(project: Project, scope: Scope, index: int) -> bool:
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
