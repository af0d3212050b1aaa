"""Code in which a failure would tell nothing: no user comes there, or it is only written for type checkers."""

import ast
import re
from collections.abc import Iterator

from greenroom.mutate.source import Source
from greenroom.mutate.tree import Tree

_ABSTRACT = frozenset({"abstractmethod", "abstractproperty", "overload"})
_SHOWN = frozenset({"__repr__", "__str__", "__del__", "__rich_repr__"})
_MIGRATIONS = re.compile(r"(^|/)(?:\w+_)?migrations?(?:/|\.py$|_\w+\.py$)|(^|/)alembic/")


_LEFT_OUT = re.compile(r"#\s*pragma[:\s]\s*no\s+cover", re.IGNORECASE)


def is_left_out(source: Source, node: ast.AST) -> bool:
    """Whether the authors say that no test need come there: `# pragma: no cover` on the statement, or on a block around it."""
    if not _LEFT_OUT.search(source.text):
        return False
    before = node
    for each in (node, *source.around(node)):
        for first, last in _head(each, before):
            if _LEFT_OUT.search(source.between(first, last)):
                return True
        before = each
    return False


def _head(node: ast.AST, inside: ast.AST) -> Iterator[tuple[int, int]]:
    """The lines of a statement, or of the head of a block; not of one in whose `else`, `except` or `finally` something stands."""
    if isinstance(node, ast.stmt | ast.ExceptHandler):
        others = [each for name in ("orelse", "handlers", "finalbody") for each in getattr(node, name, ())]
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if body else node.end_lineno
        if inside not in others:
            yield node.lineno, max(node.lineno, last or node.lineno)


def is_migration(path: str) -> bool:
    """Whether a file changes a database once: what is wrong in it is seen when it runs, not in a test."""
    return bool(_MIGRATIONS.search(path))


def is_arid(tree: Tree, node: ast.AST) -> bool:
    """Whether a node stands in a stub, an overload, a `__repr__`, or below TYPE_CHECKING or `__main__`."""
    before: ast.AST = node
    for above in tree.around(node):
        match above:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if above.name in _SHOWN or _is_abstract(above):
                    return True
            case ast.If(test=test, body=body) if before in body and _is_for_others(test):
                return True
            case ast.ClassDef(bases=bases) if any(_last(base) == "Protocol" for base in bases):
                return True
        before = above
    return False


def _is_abstract(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(_last(decorator) in _ABSTRACT for decorator in function.decorator_list)


def _is_for_others(test: ast.expr) -> bool:
    """`if TYPE_CHECKING:` and `if __name__ == "__main__":`."""
    match test:
        case ast.Compare(left=ast.Name(id="__name__")):
            return True
        case ast.Name() | ast.Attribute():
            return _last(test) == "TYPE_CHECKING"
    return False


def _last(expression: ast.expr) -> str:
    match expression:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _last(value)
        case _:
            return ""
