"""Operator: nobody looks whether a future, a task or a connection is over already."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.excepts import is_plain_exit
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_ASKED = frozenset({"done", "cancelled", "is_closing", "is_closed"})
_KNOWN = frozenset({"closed", "_closed", "closing", "_closing", "is_closed", "_is_closed", "_cancelled"})
_REPEATED = frozenset({"cancel", "close", "aclose", "disconnect", "abort", "stop", "terminate", "kill"})
"""To end what is over already does nothing, mostly."""


def drop_state_check(source: Source) -> Iterator[Rewrite]:
    """`if not future.done():` holds nothing back, and `if self._closed: return` does not leave."""
    for guard in source.nodes(ast.If):
        if guard.orelse or source.function(guard) is None or _only_ends(guard.body):
            continue
        if _is_over(guard.test) and all(map(is_plain_exit, guard.body)):
            yield _rewrite(source, guard.test, guard.test, "False")
        elif (asked := _not_over(guard.test)) is not None:
            yield _rewrite(source, asked, guard.test, "True")
        elif isinstance(guard.test, ast.BoolOp) and isinstance(guard.test.op, ast.And):
            yield from _conjuncts(source, guard.test)


def _conjuncts(source: Source, test: ast.BoolOp) -> Iterator[Rewrite]:
    for part in test.values:
        asked = _not_over(part)
        if asked is not None:
            yield _rewrite(source, asked, part, "True")


def _rewrite(source: Source, asked: ast.expr, part: ast.expr, text: str) -> Rewrite:
    return Rewrite(
        node=part,
        edits=(source.replaced(part, text),),
        note=f"nobody looks at `{source.head(asked)}`",
        lines=(part.lineno,),
    )


def _not_over(test: ast.expr) -> ast.expr | None:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner) if _is_over(inner):
            return inner
    return None


def _is_over(test: ast.expr) -> bool:
    """`future.done()`, `transport.is_closing()`, `self._closed`."""
    match test:
        case ast.Call(func=ast.Attribute(attr=name), args=[], keywords=[]):
            return name in _ASKED
        case ast.Attribute(attr=name):
            return name in _KNOWN
    return False


def _only_ends(body: list[ast.stmt]) -> bool:
    """Whether the first that is done is to cancel or close."""
    acts = [each for each in body if not blocks.does_nothing(each)]
    value = acts[0].value if acts and isinstance(acts[0], ast.Expr) else None
    call = value.value if isinstance(value, ast.Await) else value
    return isinstance(call, ast.Call) and last_name(call.func) in _REPEATED


DROP_STATE_CHECK = Operator(
    key="A12",
    name="drop-state-check",
    summary="nobody looks whether a future, a task or a connection is over already",
    consequence="a client that leaves at the wrong moment ends what others share, or an internal error ends it",
    noticed_by="a test that cancels or closes first, and then lets the result or the message come in",
    weight=3,
    seed=drop_state_check,
)
