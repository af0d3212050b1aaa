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
    """Whether two definitions say the same, comments and empty lines aside."""
    if len(function.body.statements) != len(twin.body.statements):
        return False
    try:
        lines = (root / function.path).read_text(encoding="utf-8", errors="replace").split("\n")
        first, second = (
            ast.parse(textwrap.dedent("\n".join(lines[part.line - 1 : part.end_line])))
            for part in (function, twin)
        )
    except (OSError, SyntaxError):
        return False
    return ast.dump(first) == ast.dump(second)


def _redefines(decorator: object, parent: Scope) -> bool:
    callee = parent.body.calls[decorator].callee if isinstance(decorator, int) else decorator
    return isinstance(callee, str) and callee.rsplit(".", 1)[-1] in _REDEFINING
