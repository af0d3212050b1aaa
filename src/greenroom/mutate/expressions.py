"""Small questions about expressions that many operators ask."""

import ast
from collections.abc import Iterable, Iterator

from greenroom.mutate import blocks
from greenroom.mutate.tree import Tree


def last_name(expression: ast.AST | None) -> str:
    """The last word of an expression: `_pool` of `self._pool`, `get` of `client.get(…)`, `locks` of `locks[key]`."""
    match expression:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=inner) | ast.Await(value=inner) | ast.Subscript(value=inner):
            return last_name(inner)
        case _:
            return ""


def spelled(expression: ast.AST) -> str:
    """The expression as text on one line, the same for the same meaning."""
    return ast.unparse(expression)


def call_statements(tree: Tree) -> Iterator[tuple[ast.Expr, ast.Call]]:
    """Calls that stand alone, awaited or not: what they give back is dropped."""
    for statement in tree.nodes(ast.Expr):
        value = statement.value
        call = value.value if isinstance(value, ast.Await) else value
        if isinstance(call, ast.Call):
            yield statement, call


def keyword(call: ast.Call, *names: str) -> ast.keyword | None:
    """The first of a call's keyword arguments that has one of these names."""
    return next((each for each in call.keywords if each.arg in names), None)


def argument(call: ast.Call, position: int, *names: str) -> ast.expr | None:
    """What is given by position, or by one of the names."""
    if len(call.args) > position and not any(isinstance(each, ast.Starred) for each in call.args[:position]):
        return call.args[position]
    found = keyword(call, *names)
    return found.value if found is not None else None


def names_in(*parts: ast.AST) -> set[str]:
    """The variables that are read or bound in them."""
    return {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)}


def awaits(parts: Iterable[ast.AST]) -> bool:
    """Whether the event loop may turn in between: an `await`, `async for` or `async with` of this very function."""
    waiting = list(parts)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))
    return False


def is_generator(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether calling it gives back a generator."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in blocks.own(function.body))
