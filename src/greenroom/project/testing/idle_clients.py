"""Clients that a set-up method lays ready, and a test that never asks them."""

from greenroom.model.place import Place
from greenroom.project.code.module import Scope
from greenroom.project.testing.assertions import LIFECYCLE


def lies_idle(place: Place, function: Scope, lineage: list[Scope]) -> bool:
    """Whether the client that was made here, in a set-up method, is kept on `self` and used by nobody on the way.

    Args:
        place: of the call that makes the client.
        function: the test.
        lineage: its class and the bases of it.
    """
    methods = [child for owner in lineage for child in owner.children]
    maker = next((part for part in methods if part.name in LIFECYCLE and _is_around(part, place)), None)
    names = _kept(maker, place.line) if maker is not None else set()
    if maker is None or not names:
        return False
    around = [part for part in methods if part.name in LIFECYCLE and part is not maker]
    if any(f"'{name}." in repr(maker.body.calls) for name in names):
        return False
    return not _reaches([function, *around], names, {part.name: part for part in reversed(methods)})


def _is_around(method: Scope, place: Place) -> bool:
    return method.path == place.path and method.qualname == place.symbol


def _kept(maker: Scope, line: int) -> set[str]:
    """`self.client`, where that is all that is done with what the line makes."""
    body = maker.body
    return {
        target
        for part in body.statements
        if part.kind == "assign" and isinstance(part.value, int) and body.calls[part.value].line == line
        for target in part.target
        if isinstance(target, str) and target.startswith("self.")
    }


def _reaches(starts: list[Scope], names: set[str], methods: dict[str, Scope]) -> bool:
    """Whether one of these names stands in the functions, or in methods of the class that they name."""
    waiting, seen = list(starts), set(starts)
    while waiting:
        scope = waiting.pop()
        text = repr((scope.body.calls, scope.body.statements, scope.body.blocks))
        if any(f"'{name}'" in text or f"'{name}." in text for name in names):
            return True
        more = [*scope.children, *(part for name, part in methods.items() if f"'self.{name}" in text)]
        waiting += [part for part in more if part not in seen]
        seen.update(more)
    return False
