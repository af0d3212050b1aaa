"""Operator: a coroutine is made, and nobody runs it."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.expressions import call_statements
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_RUNS_ANYWAY = ("asyncio.", "anyio.", "trio.")
"""Their functions give futures, sleep, or give way to others."""
_RUNS_ANYWAY_METHODS = frozenset(
    {
        "run_in_executor",
        "create_task",
        "gather",
        "wait",
        "sleep",
        "drain",
        "wait_closed",
        "join",
        "checkpoint",
    }
)
_FUTURES = ("motor", "pymongo", "tornado", "grpc", "twisted", "cassandra")
"""Their methods begin at once; the `await` only waits for the end."""


def drop_await(source: Source) -> Iterator[Rewrite]:
    """`await send(x)` whose result nobody reads becomes `send(x)`."""
    if source.names.has(*_FUTURES):
        return
    for statement, call in call_statements(source):
        if not isinstance(statement.value, ast.Await) or _runs_anyway(source, call):
            continue
        yield Rewrite(
            node=statement,
            edits=(source.replaced(statement, source.code(call)),),
            note=f"`{source.code(call.func)}` is called, and never runs",
        )


def _runs_anyway(source: Source, call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Name | ast.Attribute):
        return True
    last = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
    if last.strip("_") in _RUNS_ANYWAY_METHODS or source.names.of(call.func).startswith(_RUNS_ANYWAY):
        return True
    known = [function for function in source.functions() if function.name == last]
    return bool(known) and all(isinstance(function, ast.FunctionDef) for function in known)


DROP_AWAIT = Operator(
    key="A1",
    name="drop-await",
    summary="a coroutine is called without `await`",
    consequence="the mail is never sent or the row never written, and nobody gets an error",
    noticed_by="an assertion on what the call leaves behind, with something real in place of an `AsyncMock`",
    weight=4,
    seed=drop_await,
)
