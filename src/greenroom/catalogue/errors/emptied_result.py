"""Operator: what was found is not given out."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.excepts import is_empty
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.shapes import empty_of
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_ASKS = re.compile(
    r"\b(?:\w+_)?(?:session|db|database|client|cursor|conn|connection|objects|query|repo|repository|store|cache|redis|http|api|requests"
    r"|httpx|collection|bucket|s3|index|engine)\b[.(]"
)

_ACTS = re.compile(
    r"__|_*(?:delete|remove|close|set|save|send|notify|log|cancel|stop|clear|reset|update|insert|add|create|put|write|start|run|main"
    r"|upload|register|mark|apply|handle|process|sync|init)(?:_|$)"
)
"""Those are called for what they do: what they give back may be asked for by nobody."""


def return_empty(source: Source) -> Iterator[Rewrite]:
    """The last `return` of a function that asks something else gives the empty list, dict or text."""
    for function in source.functions():
        found = _last_return(source, function)
        empty = empty_of(function) if found is not None else ""
        if found is not None and empty and not is_empty(found.value) and _asks(function):
            yield Rewrite(
                node=found,
                edits=(source.replaced(found, f"return {empty}"),),
                note=f"`{function.name}` returns `{empty}`",
            )


def _last_return(source: Source, function: Function) -> ast.Return | None:
    if _ACTS.match(function.name) or len(function.body) < 2:
        return None
    handled = (ast.ExceptHandler,)
    returns = [
        node
        for node in blocks.own(function.body)
        if isinstance(node, ast.Return) and node.value is not None and not source.is_inside(node, handled)
    ]
    last = returns[-1] if returns else None
    return None if last is None or isinstance(last.value, ast.Constant) else last


def _asks(function: Function) -> bool:
    """Whether its result comes from somewhere else: only that can be missing without a mistake in the code."""
    return any(
        isinstance(node, ast.Await) or (isinstance(node, ast.Call) and _asks_by_name(node.func))
        for node in blocks.own(function.body)
    )


def _asks_by_name(called: ast.expr) -> bool:
    """By the names before the bracket: what texts and other arguments say is no question."""
    names: list[str] = []
    while True:
        match called:
            case ast.Attribute(value=owner, attr=name):
                names.append(name)
            case ast.Call(func=owner) | ast.Subscript(value=owner) | ast.Await(value=owner):
                pass
            case ast.Name(id=name):
                names.append(name)
                break
            case _:
                break
        called = owner
    # of a list or a text, it finds a place
    asked = names[1:] if names[:1] == ["index"] else names
    return bool(_ASKS.search(f"{'.'.join(reversed(asked))}("))


RETURN_EMPTY = Operator(
    key="K6",
    name="return-empty",
    summary="a function that asks something else gives an empty result",
    consequence="users see an empty page where their data should be, and no error is logged",
    noticed_by="a test that puts something in, and asserts that the same comes out",
    weight=3,
    seed=return_empty,
)
