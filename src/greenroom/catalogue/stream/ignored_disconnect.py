"""Operator: a client leaves, and nobody looks."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.expressions import is_generator, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_GONE = frozenset({"ClientDisconnect", "WebSocketDisconnect", "ConnectionClosed", "ConnectionClosedOK", "ConnectionClosedError",
                   "ConnectionResetError", "BrokenPipeError", "ClientConnectionResetError", "WebSocketException",
                   "WebSocketClosedError", "StreamClosedError"})  # fmt: skip
_LEVELS = frozenset({"debug", "info", "warn", "warning", "error", "exception", "print"})
_CUT = frozenset({"CancelledError", "GeneratorExit"})
"""In a generator, that is how the framework says that the client has gone."""


def ignore_disconnect(source: Source) -> Iterator[Rewrite]:
    """`if await request.is_disconnected()` is never true; what is done when the client has gone is not done."""
    for check in source.nodes(ast.If):
        if _asks(check.test) and _matters(source, check):
            yield Rewrite(
                node=check,
                edits=(source.replaced(check.test, "False"),),
                note="nobody sees that the client has gone",
                lines=tuple(range(check.test.lineno, (check.test.end_lineno or check.test.lineno) + 1)),
            )
    for handler in source.nodes(ast.ExceptHandler):
        if _is_about_leaving(source, handler) and not all(map(_is_slight, handler.body)):
            yield Rewrite(
                node=handler,
                edits=(source.emptied(handler.body, _rest(handler.body)),),
                note=f"`{source.head(handler)}` leaves all as it was",
                lines=blocks.lines(handler.body),
            )


def _asks(test: ast.expr) -> bool:
    """`await request.is_disconnected()`, alone or as one of several conditions that lead to the same."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(map(_asks, test.values))
    return isinstance(test, ast.Await) and last_name(test.value) == "is_disconnected"


def _matters(source: Source, check: ast.If) -> bool:
    """A generator that only stops is stopped by Starlette, too: it is cancelled when the client goes."""
    function = source.function(check)
    if function is None or not is_generator(function):
        return True
    return not all(map(_is_slight, check.body))


def _is_about_leaving(source: Source, handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {last_name(kind) for kind in kinds}
    if any(isinstance(node, ast.Raise) and node.exc is not None for node in blocks.own(handler.body)):
        return False  # that is no client who left, but an upstream that failed
    if names & _GONE:
        return True
    function = source.function(handler)
    return bool(names & _CUT) and function is not None and is_generator(function)


def _is_slight(statement: ast.stmt) -> bool:
    """What ends the work anyway, logs, or remembers something for the rest of this function."""
    match statement:
        case ast.Return() | ast.Break() | ast.Raise() | ast.Continue() | ast.Assign(targets=[ast.Name()]):
            return True
        case ast.Expr(value=ast.Await(value=ast.Call() as call)) | ast.Expr(value=ast.Call() as call):
            if (
                last_name(call) in ("close", "aclose")
                and last_name(getattr(call.func, "value", None)) in _OWN
            ):
                return True
            return last_name(call) in _LEVELS
    return blocks.does_nothing(statement)


_OWN = ("websocket", "ws", "socket", "self", "client_ws", "web_socket")
"""The socket that is closed by having gone."""


def _rest(body: list[ast.stmt]) -> str:
    """How the handler left, without what it did before."""
    match body[-1]:
        case ast.Raise() | ast.Return() | ast.Break() | ast.Continue():
            return ast.unparse(body[-1])
    return "pass"


IGNORE_DISCONNECT = Operator(
    key="S2",
    name="ignore-disconnect",
    summary="that a client has gone changes nothing",
    consequence="the model goes on answering nobody, and what was kept for the client stays, until memory or money run out",
    noticed_by="a test that leaves in the middle, and asserts that the work stops and what was kept is gone",
    weight=4,
    seed=ignore_disconnect,
    first_rank=True,
)
