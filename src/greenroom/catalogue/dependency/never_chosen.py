"""Branches that no call of the product chooses: `if backend == "consul":` or `if titled:`, and all leave it as it is."""

from collections.abc import Iterator

from greenroom.model.finding import Reach
from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, Parameter
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_CALLS = ("call", "construct")
_LIVE = (FileKind.PRODUCTION, FileKind.SCRIPT)
_FARTHEST = 3


def is_never_chosen(project: Project, scope: Scope, block: int) -> bool:
    """Whether it stands under `if parameter == "text":`, and no call in production is known to give this text.

    So it does under `if parameter:` where all give `False` or nothing.
    """
    return any(
        not any(given) if text is None else text not in given
        for name, text in _asked(scope, block)
        if (given := _given(project, scope, name, 0)) is not None
    )


def is_never_called(project: Project, scope: Scope, depth: int = 0) -> bool:
    """Whether all calls of it in production stand on such a branch, or in a function of which that is so."""
    edges = _callers(project, scope)
    return bool(edges) and depth <= _FARTHEST and all(
        edge.how in _CALLS and edge.call >= 0 and edge.caller is not scope
        and (
            is_never_chosen(project, edge.caller, edge.caller.body.calls[edge.call].block)
            or is_never_called(project, edge.caller, depth + 1)
        )
        for edge in edges
    )  # fmt: skip


def _callers(project: Project, scope: Scope) -> list[Edge]:
    """None where an entry is: who comes by that is not known; what a file calls under `__main__` is known."""
    entry = project.entries.entry(scope)
    if entry is not None and entry.scope is scope and (entry.reach is not Reach.SCRIPT or scope.decorators):
        return []
    return [edge for edge in project.graph.callers(scope) if edge.caller.module.kind in _LIVE]


def _asked(scope: Scope, block: int) -> Iterator[tuple[str, str | None]]:
    """The parameters that are asked around it, with the text that each must be; None where anything will do."""
    for found in scope.body.enclosing(block):
        test = found.detail
        if found.kind != "if":
            continue
        if isinstance(test, str):
            yield test, None
        if isinstance(test, tuple) and test[:2] == (facts.COMPARE, ("==",)):
            name, text = test[2][0], facts.constant(test[2][1])
            if isinstance(name, str) and isinstance(text, str):
                yield name, text


def _given(project: Project, scope: Scope, name: str, depth: int) -> set[object] | None:
    """What the callers give for a parameter, its default where they give nothing; None where one is not known."""
    parameters = [part for part in scope.facts.parameters if part.kind in ("positional", "keyword")]
    wanted = next((part for part in parameters if part.name == name), None)
    edges = _callers(project, scope)
    rebound = any(part.kind == "assign" and name in part.target for part in scope.body.statements)
    if wanted is None or not edges or rebound or depth > _FARTHEST:
        return None
    place = [part.name for part in parameters if part.name not in ("self", "cls")].index(name)
    found: set[object] = set()
    for edge in edges:
        values = _of_call(project, edge, wanted, place, depth)
        if values is None:
            return None
        found |= values
    return found


def _of_call(project: Project, edge: Edge, wanted: Parameter, place: int, depth: int) -> set[object] | None:
    if edge.how not in _CALLS or edge.call < 0:
        return None
    call = edge.caller.body.calls[edge.call]
    if any(not name for name, _ in call.keywords) or any(_is_spread(value) for value in call.arguments):
        return None
    value: Expression = dict(call.keywords).get(wanted.name, wanted.default)
    if wanted.kind == "positional" and place < len(call.arguments):
        value = call.arguments[place]
    text = facts.constant(value)
    if text is not None or facts.is_none(value):
        return {text}
    return _given(project, edge.caller, value, depth + 1) if isinstance(value, str) else None


def _is_spread(value: Expression) -> bool:
    return isinstance(value, tuple) and value[0] == facts.STAR
