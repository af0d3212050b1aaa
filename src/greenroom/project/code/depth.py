"""Syntax trees that are deeper than functions which call themselves can go: made shallower, with more room."""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_DEEPEST = 100
"""Expressions inside each other that are kept: whoever goes through what was read of them does so in ordinary room."""
_ROOM = 12_000
"""Calls inside each other: four for each of the three thousand levels that Python's own parser takes."""


@contextmanager
def room_for_depth() -> Iterator[None]:
    """For what parses, and so is no deeper than the parser allows; for nothing else, as the stack of the process has an end."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _ROOM))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def cut_below(tree: ast.AST) -> None:
    """Put nothing in the place of what stands too deep in an expression: of a sum of thousand texts the last hundred are left."""
    waiting: list[tuple[ast.AST, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        below = depth + 1 if isinstance(node, ast.expr) else depth
        if below > _DEEPEST:
            _empty(node)
        waiting.extend((child, below) for child in ast.iter_child_nodes(node))


def _empty(node: ast.AST) -> None:
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.expr):
            setattr(node, name, ast.copy_location(ast.Constant(None), value))
