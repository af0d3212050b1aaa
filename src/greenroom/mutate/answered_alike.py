"""Handlers that answer what the application would answer without them."""

import ast
from collections.abc import Iterable

from greenroom.mutate import blocks
from greenroom.mutate.answered import by_framework, status_of_answer
from greenroom.mutate.excepts import Handler
from greenroom.mutate.expressions import last_name
from greenroom.mutate.source import Source
from greenroom.mutate.statuses import status_of


def is_answered_alike(source: Source, handler: Handler, types: Iterable[ast.expr] = ()) -> bool:
    """Whether callers get the same status if the exception passes: the application, or its framework, answers it for all requests.

    Where one of the two cannot be told, they count as the same.

    Args:
        source: The file.
        handler: It only tells, and answers.
        types: Which of the exceptions would pass; none: all that it catches.
    """
    *before, last = handler.body
    if not all(blocks.does_nothing(each) or _prepares(each) for each in before):
        return False
    match last:
        case ast.Return(value=ast.expr() as value):
            own = status_of_answer(value)
        case ast.Raise(exc=ast.expr() as raised):
            said = status_of(raised) or _passing(source, raised)
            if said is None:
                return False
            own = said
        case ast.Expr(value=ast.Call() as call) if last_name(call) == "abort":
            own = status_of(call)
        case _:
            return False
    caught = list(types) or _parts(handler.node.type)
    passing = [_passing(source, each) for each in caught]
    return bool(passing) and all(
        each is not None and (each == own or not each or not own) for each in passing
    )


def _passing(source: Source, kind: ast.expr) -> int | None:
    """The status of an exception that nobody catches."""
    found = source.answered.status(last_name(kind))
    return found if found is not None else by_framework(source.names.of(kind))


def _parts(caught: ast.expr | None) -> list[ast.expr]:
    return list(caught.elts) if isinstance(caught, ast.Tuple) else [caught] if caught is not None else []


def _prepares(statement: ast.stmt) -> bool:
    """`message = str(error)`, for the answer."""
    return isinstance(statement, ast.Assign) and all(isinstance(each, ast.Name) for each in statement.targets)
