"""Branches that no call of the product chooses: `if backend == "consul":`, and everybody leaves it at `"memory"`."""

from collections.abc import Iterator

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
    """Whether it stands under `if parameter == "text":`, and no call in production is known to give this text."""
    return any(
        text not in given
        for name, text in _asked(scope, block)
        if (given := _given(project, scope, name, 0)) is not None
    )


def _asked(scope: Scope, block: int) -> Iterator[tuple[str, str]]:
    for found in scope.body.enclosing(block):
        test = found.detail
        if found.kind != "if" or not isinstance(test, tuple) or test[:2] != (facts.COMPARE, ("==",)):
            continue
        name, text = test[2][0], facts.constant(test[2][1])
        if isinstance(name, str) and isinstance(text, str):
            yield name, text


def _given(project: Project, scope: Scope, name: str, depth: int) -> set[object] | None:
    """What the callers give for a parameter, its default where they give nothing; None where one is not known."""
    parameters = [part for part in scope.facts.parameters if part.kind in ("positional", "keyword")]
    wanted = next((part for part in parameters if part.name == name), None)
    edges = [edge for edge in project.graph.callers(scope) if edge.caller.module.kind in _LIVE]
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
    if text is not None:
        return {text}
    return _given(project, edge.caller, value, depth + 1) if isinstance(value, str) else None


def _is_spread(value: Expression) -> bool:
    return isinstance(value, tuple) and value[0] == facts.STAR
