"""The `except` blocks of a file, and what an operator must know of one."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from greenroom.mutate import blocks
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_SIGNALS = frozenset(
    {"ImportError", "ModuleNotFoundError", "KeyboardInterrupt", "SystemExit", "GeneratorExit", "StopIteration",
     "StopAsyncIteration", "CancelledError", "NameError", "AttributeError", "AssertionError", "NotImplementedError",
     "BrokenPipeError"}
)  # fmt: skip
"""The language's own signals, and what is missing in this interpreter: no failure of a service."""
_LOOKUPS = frozenset(
    {"KeyError", "IndexError", "LookupError", "TypeError", "UnicodeDecodeError", "UnicodeError"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """One `except` in a function."""

    node: ast.ExceptHandler
    attempt: ast.Try | ast.TryStar
    function: Function
    types: tuple[str, ...]
    """The last parts of the names that it catches; empty for a bare `except`."""

    @property
    def body(self) -> list[ast.stmt]:
        return self.node.body

    @property
    def lines(self) -> tuple[int, ...]:
        """Those of its body: a handler that is never entered is unseen."""
        return blocks.lines(self.node.body)

    @property
    def acts(self) -> bool:
        """Whether it does anything beside telling, going on, and handing the exception on."""
        return not all(blocks.does_nothing(each) or is_plain_exit(each) for each in self.body)

    @property
    def raises_again(self) -> bool:
        """Whether it ends by handing on what it caught."""
        match self.body[-1]:
            case ast.Raise(exc=None):
                return True
            case ast.Raise(exc=ast.Name(id=name)):
                return name == self.node.name
        return False

    @property
    def looks_up(self) -> bool:
        """Whether it only catches what a look-up or a conversion says: ordinary logic, no failure."""
        return bool(self.types) and set(self.types) <= _LOOKUPS


def handlers(source: Source) -> Iterator[Handler]:
    """Those in functions that catch failures, not the signals of the language itself."""
    for attempt in source.nodes(ast.AST):
        if not isinstance(attempt, ast.Try | ast.TryStar):
            continue
        function = source.function(attempt)
        if function is None:
            continue
        for node in attempt.handlers:
            types = tuple(_types(node.type))
            if not types or set(types) - _SIGNALS:
                yield Handler(node=node, attempt=attempt, function=function, types=types)


def is_plain_exit(statement: ast.stmt) -> bool:
    """`continue`, `break`, a bare `raise`, and `return` of what says that there is nothing."""
    match statement:
        case ast.Continue() | ast.Break() | ast.Raise(exc=None):
            return True
        case ast.Return(value=value):
            return is_empty(value)
    return False


def is_empty(value: ast.expr | None) -> bool:
    """None, False, zero, an empty text or container: what says that there is nothing."""
    match value:
        case None:
            return True
        case ast.Constant(value=constant):
            return not constant
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return True
        case ast.Tuple(elts=parts):
            return all(map(is_empty, parts))
        case ast.Call(func=ast.Name(id="list" | "dict" | "set" | "tuple" | "str"), args=[], keywords=[]):
            return True
    return False


def _types(caught: ast.expr | None) -> Iterator[str]:
    match caught:
        case ast.Tuple(elts=parts):
            for part in parts:
                yield from _types(part)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case None:
            return
        case _:
            yield "?"
