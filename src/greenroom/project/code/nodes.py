"""Small questions about parts of a syntax tree and of its compact form."""

import ast
from collections.abc import Iterator

from greenroom.project.code import facts
from greenroom.project.code.facts import Expression

_IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


def is_docstring(body: list[ast.stmt]) -> bool:
    """Whether a body begins with one."""
    first = body[0] if body else None
    return type(first) is ast.Expr and type(first.value) is ast.Constant and type(first.value.value) is str


def captures(pattern: ast.pattern) -> Iterator[tuple[str, ast.pattern]]:
    """The names that a pattern binds."""
    for part in ast.walk(pattern):
        if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
            yield part.name, part
        elif isinstance(part, ast.MatchMapping) and part.rest:
            yield part.rest, part


def catches_import_error(types: Expression) -> bool:
    """Whether a handler of these types sees that an import failed."""
    if types is None:
        return True
    names = types[2] if type(types) is tuple and types[0] == facts.SEQUENCE else (types,)
    return any(type(name) is str and name.rsplit(".", 1)[-1] in _IMPORT_ERRORS for name in names)


def texts(value: Expression) -> list[str] | None:
    """The texts of a literal list; None where some of it is computed."""
    if type(value) is not tuple or value[0] != facts.SEQUENCE:
        return None
    texts = [facts.constant(part) for part in value[2]]
    return [text for text in texts if type(text) is str] if all(type(text) is str for text in texts) else None
