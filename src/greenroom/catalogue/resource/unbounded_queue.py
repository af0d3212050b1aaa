"""Operator: a queue, a buffer or a gate loses its bound."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator, Symptom
from greenroom.mutate.expressions import argument
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_BOUNDS = {
    "asyncio.Queue": (0, "maxsize", "0"),
    "asyncio.LifoQueue": (0, "maxsize", "0"),
    "asyncio.PriorityQueue": (0, "maxsize", "0"),
    "queue.Queue": (0, "maxsize", "0"),
    "queue.LifoQueue": (0, "maxsize", "0"),
    "queue.PriorityQueue": (0, "maxsize", "0"),
    "multiprocessing.Queue": (0, "maxsize", "0"),
    "collections.deque": (1, "maxlen", "None"),
    "asyncio.Semaphore": (0, "value", "1_000_000"),
    "asyncio.BoundedSemaphore": (0, "value", "1_000_000"),
    "threading.Semaphore": (0, "value", "1_000_000"),
    "threading.BoundedSemaphore": (0, "value", "1_000_000"),
    "anyio.Semaphore": (0, "initial_value", "1_000_000"),
    "anyio.CapacityLimiter": (0, "total_tokens", "1_000_000"),
    "anyio.create_memory_object_stream": (0, "max_buffer_size", 'float("inf")'),
}
"""Where the bound stands, by position and by name, and what means none."""


def unbound(source: Source) -> Iterator[Rewrite]:
    """`Queue(maxsize=100)` becomes `Queue(maxsize=0)`, `Semaphore(5)` lets everybody in."""
    for call in source.calls():
        found = _BOUNDS.get(source.names.of(call.func))
        if found is None:
            continue
        position, name, unlimited = found
        bound = argument(call, position, name)
        if bound is None or _is_none(bound) or (unlimited == "1_000_000" and _is_switch(bound)):
            continue
        yield Rewrite(
            node=call,
            edits=(source.replaced(bound, unlimited),),
            note=f"`{source.code(call.func)}` loses its bound of `{source.head(bound)}`",
        )


def _is_none(bound: ast.expr) -> bool:
    """No bound, or one that an endless number says."""
    match bound:
        case ast.Constant(value=value):
            return value is None or (
                isinstance(value, int | float) and not isinstance(value, bool) and value <= 0
            )
        case ast.Attribute(attr="inf") | ast.UnaryOp():
            return True
        case ast.Call(func=ast.Name(id="float")):
            return True
    return False


def _is_switch(bound: ast.expr) -> bool:
    """A semaphore of one is a lock: who takes it away makes a race, not a flood."""
    return isinstance(bound, ast.Constant) and bound.value == 1


UNBOUND = Operator(
    key="P6",
    name="unbounded-queue",
    summary="a queue, a buffer or a semaphore loses its bound",
    consequence="when more comes in than goes out, memory grows until the process is killed",
    noticed_by="a test that puts in more than the bound, and asserts what the next one gets",
    weight=3,
    seed=unbound,
    symptom=Symptom.LEAK,
)
