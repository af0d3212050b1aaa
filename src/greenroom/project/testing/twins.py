"""Definitions of which a later one takes the name."""

import ast
import textwrap
from pathlib import Path

from greenroom.project.code.module import Scope

_REDEFINING = (
    "overload", "register", "setter", "getter", "deleter", "dispatch", "singledispatch", "when",
    "route", "get", "post", "put", "patch", "delete", "websocket", "command", "task",
)  # fmt: skip


def later_twin(function: Scope) -> Scope | None:
    """A later definition of the same name and kind in the same body, under no condition."""
    parent = function.parent
    if (
        parent is None
        or function.facts.guard
        or any(_redefines(part, parent) for part in function.decorators)
    ):
        return None
    twins = [
        child
        for child in parent.children
        if child.name == function.name and child.line > function.line and child.kind == function.kind
    ]
    if not twins or twins[-1].facts.guard:
        return None
    return None if any(_redefines(part, parent) for part in twins[-1].decorators) else twins[-1]


def is_copy(root: Path, function: Scope, twin: Scope) -> bool:
    """Whether two definitions say the same; comments, docstrings, names of their own, and what nobody reads or hands in aside."""
    try:
        lines = (root / function.path).read_text(encoding="utf-8", errors="replace").split("\n")
        first, second = (
            _said(textwrap.dedent("\n".join(lines[part.line - 1 : part.end_line])))
            for part in (function, twin)
        )
    except (OSError, SyntaxError):
        return False
    return first == second


def _said(text: str) -> str:
    """A definition without its types, and without parameters that have a default and are never read."""
    tree = ast.parse(text)
    top = tree.body[0] if len(tree.body) == 1 else None
    if isinstance(top, ast.FunctionDef | ast.AsyncFunctionDef):
        read = {part.id for part in ast.walk(top) if isinstance(part, ast.Name)}
        top.returns = None
        _strip(top.args, read)
        if ast.get_docstring(top) is not None:
            top.body = top.body[1:]
        _rename(top)
    return ast.dump(tree)


def _rename(function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Give the names that it binds itself others, in the order in which they are bound."""
    bound = [
        part for part in ast.walk(function) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    ]
    names = {name: f"_{number}" for number, name in enumerate(dict.fromkeys(part.id for part in bound))}
    for part in ast.walk(function):
        if isinstance(part, ast.Name):
            part.id = names.get(part.id, part.id)


def _strip(given: ast.arguments, read: set[str]) -> None:
    """A runner hands in what has no default: such a parameter asks for a fixture and stays."""
    behind = len(given.args) - len(given.defaults)
    if behind >= 0:
        kept = [part for part in zip(given.args[behind:], given.defaults, strict=True) if part[0].arg in read]
        given.args = [*given.args[:behind], *(name for name, _ in kept)]
        given.defaults = [value for _, value in kept]
    for part in given.args:
        part.annotation = None


def _redefines(decorator: object, parent: Scope) -> bool:
    callee = parent.body.calls[decorator].callee if isinstance(decorator, int) else decorator
    return isinstance(callee, str) and callee.rsplit(".", 1)[-1] in _REDEFINING
