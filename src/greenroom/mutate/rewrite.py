"""What an operator proposes: one failure at one place of a file."""

import ast
from dataclasses import dataclass

from greenroom.model.mutant import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """Edits of the text that put one failure in."""

    node: ast.stmt | ast.expr | ast.excepthandler | ast.keyword | ast.arg
    """Where it stands: the place that a reader is shown."""
    edits: tuple[Edit, ...]
    """In any order; they do not overlap."""
    note: str
    """What this very mutant does, in a few words: `httpx.get loses its timeout=5`."""
    lines: tuple[int, ...] = ()
    """A test sees the mutant if it runs any of these lines; empty: the lines of the statement around `node`.
    The body of the handler for an `except`; the body of the route for its registration."""
