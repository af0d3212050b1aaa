"""Marks in the code of a project: where an `except` branch begins, and where a handler of requests does.

At each stands one more statement, `marks[number] += 1`, on the line of the statement that follows it; the object
that is asked for the number tells who listens. No name is added anywhere, and no line moves.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from greenroom.record.instrument import _COUNTER

HANDLER = "handler"
"""An `except` branch."""
ENDPOINT = "endpoint"
"""A function that looks as if a framework called it with a request."""

_VERBS = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "trace", "route", "api_route", "websocket"}
)
_REQUESTS = frozenset({"request", "req", "websocket", "ws"})


class Mark(NamedTuple):
    """One of them; plain enough for `marshal`."""

    kind: str
    line: int
    column: int
    symbol: str


Reached = Callable[[str, Mark], None]
"""Takes the file and the mark."""


class Marks:
    """The object behind the marks of one file: a constant of its code."""

    __slots__ = ("_listeners", "_marks", "file")

    def __init__(
        self, file: str, marks: tuple[tuple[str, int, int, str], ...], listeners: dict[str, Reached]
    ) -> None:
        """Take the marks as plain tuples, which the collector passes over at each of its rounds."""
        self.file = file
        self._marks = marks
        self._listeners = listeners

    def __getitem__(self, number: int) -> int:
        plain = self._marks[number]
        listener = self._listeners.get(plain[0])
        if listener is not None:
            # Without the function that `Mark(*plain)` goes through.
            listener(self.file, tuple.__new__(Mark, plain))
        return 0

    def __setitem__(self, number: int, value: int) -> None:
        """Take what `+= 1` gives back; there is nothing to keep."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Code that is pickled by value takes a plain dictionary along."""
        return dict.fromkeys, (range(len(self._marks)), 0)


def write_marks(tree: ast.Module) -> tuple[Mark, ...]:
    """Add the marks to a module."""
    writer = _Writer()
    writer.visit(tree, "")
    return tuple(writer.marks)


class _Writer:
    def __init__(self) -> None:
        self.marks: list[Mark] = []

    def visit(self, node: ast.AST, symbol: str) -> None:
        for child in ast.iter_child_nodes(node):
            inside = symbol
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inside = f"{symbol}.{child.name}" if symbol else child.name
            if isinstance(child, ast.ExceptHandler):
                self._mark(child.body, 0, Mark(HANDLER, child.lineno, child.col_offset + 1, symbol))
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and _takes_requests(child):
                first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
                start = 1 if ast.get_docstring(child, clean=False) is not None else 0
                self._mark(child.body, start, Mark(ENDPOINT, first, child.col_offset + 1, inside))
            self.visit(child, inside)

    def _mark(self, body: list[ast.stmt], start: int, mark: Mark) -> None:
        if start >= len(body):
            return
        body.insert(start, _statement(body[start], len(self.marks)))
        self.marks.append(mark)


def _takes_requests(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    first = next((name for name in names if name not in ("self", "cls")), "")
    return first in _REQUESTS or any(_is_route(each) for each in _calls(function.decorator_list))


def _calls(decorators: list[ast.expr]) -> Iterator[ast.Call]:
    return (each for each in decorators if isinstance(each, ast.Call))


def _is_route(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _VERBS:
        return False
    given = call.args[0] if call.args else next((each.value for each in call.keywords), None)
    return isinstance(given, ast.Constant | ast.JoinedStr | ast.Name | ast.Attribute | ast.BinOp)


def _statement(before: ast.stmt, number: int) -> ast.stmt:
    target = ast.Subscript(ast.Constant(_COUNTER), ast.Constant(number), ast.Store())
    addition = ast.AugAssign(target, ast.Add(), ast.Constant(1))
    first = min([before.lineno, *(each.lineno for each in getattr(before, "decorator_list", ()))])
    for node in ast.walk(addition):
        if isinstance(node, ast.expr | ast.stmt):
            node.lineno = node.end_lineno = first
            node.col_offset = node.end_col_offset = before.col_offset
    return addition
