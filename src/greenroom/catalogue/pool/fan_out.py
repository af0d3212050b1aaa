"""Work that is started once for each thing of a collection, all at the same time."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from greenroom.catalogue.pool.paths import deep_calls
from greenroom.detect.search import mentioning, words
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Module, Scope

_STARTS = frozenset({"create_task", "ensure_future", "start_soon"})
_GATHERS = frozenset({"gather", "wait", "as_completed"})
_STARTING = words(*_STARTS, *_GATHERS)
_LIMITS = ("sem", "limit", "throttle", "slots", "bulkhead")


class FanOut(NamedTuple):
    """One such place."""

    scope: Scope
    call: Call
    """`asyncio.gather(…)` or `create_task(…)`."""
    work: int
    """The call whose result is run: one for each thing."""


def may_fan_out(modules: Iterable[Module]) -> set[Scope]:
    """The scopes that are worth asking for `fan_outs`."""
    return set(mentioning(modules, _STARTING))


def fan_outs(scope: Scope) -> Iterator[FanOut]:
    """Those of a function, where nothing limits how many run at once."""
    if not scope.is_function or limits(scope):
        return
    flow = Flow(scope.body)
    for call in scope.body.calls:
        last = call.callee.rsplit(".", 1)[-1] if isinstance(call.callee, str) else ""
        if last in _GATHERS:
            for argument in call.arguments:
                bare = argument[1] if isinstance(argument, tuple) and argument[0] == facts.STAR else argument
                for work in _each(scope, bare):
                    yield FanOut(scope, call, work)
        elif last in _STARTS and call.arguments and isinstance(call.arguments[0], int):
            loops = [block for _, block in flow.loops(call.block)]
            if (
                loops
                and loops[0].kind == "for"
                and not _is_short(scope, loops[0].detail[1])
                and not _awaits(flow, call)
            ):
                yield FanOut(scope, call, call.arguments[0])


def limits(scope: Scope) -> bool:
    """Whether the function enters a semaphore or a limiter."""
    for block in scope.body.blocks:
        if block.kind in ("with", "async-with"):
            for expression, _ in block.detail:
                text = expression
                if isinstance(expression, int):
                    text = scope.body.calls[expression].callee
                if isinstance(text, str) and any(word in text.lower() for word in _LIMITS):
                    return True
    return False


def _awaits(flow: Flow, call: Call) -> bool:
    """Whether each turn of the loop waits for its own task, or for a slot."""
    loop = next((index for index, _ in flow.loops(call.block)), -1)
    return any(part.usage & facts.AWAITED and part is not call for part in flow.calls_in(loop))


def _each(scope: Scope, expression: Expression, depth: int = 0) -> Iterator[int]:
    """The calls that are made once for each thing: in a comprehension, or appended to the list by a loop."""
    if depth > 2:
        return
    if isinstance(expression, str) and "." not in expression:
        yield from _appended(scope, expression)
        for part in scope.body.statements:
            if part.kind == "assign" and part.target == (expression,):
                yield from _each(scope, part.value, depth + 1)
    elif isinstance(expression, tuple) and expression[0] == facts.COMPREHENSION:
        element = expression[2][0]
        if not any(_is_short(scope, source) for source in expression[3]) and isinstance(element, int):
            yield from deep_calls(element, scope.body)


def _appended(scope: Scope, name: str) -> Iterator[int]:
    flow = Flow(scope.body)
    for call in scope.body.calls:
        if call.callee == f"{name}.append" and call.arguments and isinstance(call.arguments[0], int):
            loops = [block for _, block in flow.loops(call.block)]
            if loops and loops[0].kind == "for" and not _is_short(scope, loops[0].detail[1]):
                yield from deep_calls(call.arguments[0], scope.body)


def _is_short(scope: Scope, source: Expression, depth: int = 0) -> bool:
    """A literal, a slice, a range up to a number: the code itself says how many."""
    if isinstance(source, tuple):
        if source[0] in (facts.SEQUENCE, facts.MAPPING):
            return True
        return bool(source[0] == facts.ITEM and type(source[2]) is tuple and source[2][0] == facts.SLICE)
    if isinstance(source, int):
        call = scope.body.calls[source]
        last = call.callee.rsplit(".", 1)[-1] if isinstance(call.callee, str) else ""
        if last == "range":
            return True  # workers: as many as somebody decided
        if last in ("enumerate", "zip", "sorted", "list", "reversed", "set") and call.arguments:
            return all(_is_short(scope, part, depth + 1) for part in call.arguments)
        return last in ("islice", "batched", "chunked", "sample")
    if isinstance(source, str) and depth < 3:
        if source.isupper():
            return True
        values = [
            part.value for part in scope.body.statements if part.kind == "assign" and part.target == (source,)
        ]
        looped = [
            block.detail[1]
            for block in scope.body.blocks
            if block.kind == "for" and block.detail[0] == source and isinstance(block.detail[1], int)
        ]
        return any(_is_short(scope, value, depth + 1) for value in (*values, *looped))
    return False
