"""An edge of the call graph."""

from typing import NamedTuple

from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.libraries.library import Effect


class Edge(NamedTuple):
    """One call, as far as it is understood: to a scope of the project or to a library."""

    caller: Scope
    line: int
    column: int
    how: str
    """call · construct · property · enter · iterate · decorator · depends · reference (handed over as
    a value: reached, but not called here) · override (only on an entry's way down: what runs in the
    caller's place, or what a library calls on an object that was made)"""
    certainty: int
    target: Scope | None = None
    symbol: str = ""
    """Canonical dotted name in a library; empty for a project's scope."""
    effect: Effect | None = None
    call: int = -1
    """Index into the caller's calls; -1 where no call is written (a property, a decorator, entering)."""
    awaited: bool = False


def may_reach(caller: Scope, target: Scope) -> bool:
    """A test double is never the target of a production edge."""
    return caller.module.kind is FileKind.TEST or target.module.kind is not FileKind.TEST
