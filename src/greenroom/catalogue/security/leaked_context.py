"""Operator: who the current user or tenant is outlives the work that was done for them."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.expressions import call_statements, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_EXITS = frozenset({"__exit__", "__aexit__", "process_response", "after_request", "teardown_request"})


def leak_context(source: Source) -> Iterator[Rewrite]:
    """`tenant.reset(token)` goes, where the same task or thread does other work afterwards."""
    for statement, call in call_statements(source):
        function = source.function(statement)
        if function is None or not _is_reset(source, call) or not _goes_on(source, statement, function):
            continue
        yield Rewrite(
            node=statement,
            edits=(source.replaced(statement, "pass"),),
            note=f"`{source.head(call.func.value)}` keeps its value"
            if isinstance(call.func, ast.Attribute)
            else "it keeps its value",
        )


def _is_reset(source: Source, call: ast.Call) -> bool:
    """`variable.reset(token)` of contextvars; a reset of something else is given no token."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "reset" or len(call.args) != 1:
        return False
    return (
        source.names.of(call.func.value) == "contextvars.ContextVar"
        or "token" in last_name(call.args[0]).lower()
    )


def _goes_on(source: Source, statement: ast.stmt, function: Function) -> bool:
    """A request's own task ends with it, and its context, too; threads, workers and blocks go on."""
    if isinstance(function, ast.FunctionDef) or function.name in _EXITS:
        return True
    if any("contextmanager" in last_name(each) for each in function.decorator_list):
        return True
    return source.is_inside(statement, (ast.For, ast.AsyncFor, ast.While)) or _is_called_in_loop(
        source, function
    )


def _is_called_in_loop(source: Source, function: Function) -> bool:
    """A function that a worker's loop of this file awaits for each piece of work."""
    return any(
        isinstance(node, ast.Await) and last_name(node.value) == function.name
        for loop in source.nodes(ast.stmt)
        if isinstance(loop, ast.For | ast.AsyncFor | ast.While)
        for node in blocks.own(loop.body)
    )


LEAK_CONTEXT = Operator(
    key="A10",
    name="contextvar-leak",
    summary="a context variable is not reset after the work it was set for",
    consequence="the next piece of work of the same thread runs as the user or tenant before it",
    noticed_by="a test that does a second piece of work afterwards, and asserts for whom it was done",
    weight=5,
    seed=leak_context,
)
