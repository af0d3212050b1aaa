"""Objects that are said to be of a class, and pass on to somebody else whatever they are asked."""

from collections.abc import Iterator
from typing import Final

from greenroom.project.calls.bindings import Binding
from greenroom.project.calls.edge import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_REMOTE: Final = "remote"
"""`Actor.remote(…)`, `Actor.options(…).remote()`: Ray's handle of an object in another process."""
_FETCHES: Final = frozenset({"ray.get", "ray.get_actor"})


def goes_elsewhere(project: Project, edge: Edge) -> bool:
    """Whether a hop asks what does not run it here: the handle of an actor, or a proxy that sends its calls away."""
    if edge.call < 0:
        return False
    callee = edge.caller.body.calls[edge.call].callee
    names = callee.split(".") if isinstance(callee, str) else []
    return any(
        _is_remote(place, source) or any("getattr" not in proxy.facts.called for proxy in proxies)
        for place, source, proxies in _declared(project, edge.caller, names)
    )


def is_proxied(project: Project, scope: Scope, names: list[str]) -> bool:
    """Whether what the receiver's annotation names is reached through an object that passes on whatever it is asked."""
    return any(
        proxies or _is_remote(place, source) for place, source, proxies in _declared(project, scope, names)
    )


def _declared(
    project: Project, scope: Scope, names: list[str]
) -> Iterator[tuple[Scope, Expression, list[Scope]]]:
    """Where the receiver is given a value and an annotation: that value, and the `__getattr__` of what it is."""
    for place, binding in _bindings_of(project, scope, names) if len(names) > 1 else ():
        if binding.annotation is None:
            continue
        found = [
            project.inference.classes.member(value.ref, "__getattr__")
            for value in project.inference.expression(place, binding.source)
            if value.kind == "instance"
        ]
        yield place, binding.source, [part for part in found if part is not None]


def _is_remote(place: Scope, source: Expression) -> bool:
    if type(source) is not int:
        return False
    callee = place.body.calls[source].callee
    return facts.last_name(callee) == _REMOTE or callee in _FETCHES


def _bindings_of(project: Project, scope: Scope, names: list[str]) -> Iterator[tuple[Scope, Binding]]:
    """Where the receiver gets its value: an attribute of the object, a local, or a global of this or another module."""
    inference = project.inference
    if scope.owner is not None and scope.parameters and names[0] == scope.parameters[0].name:
        for place, bound in inference.classes.attribute(scope.owner, names[1]):
            yield from ((place, binding) for binding in bound[names[1]])
        return
    local = inference.bindings(scope).get(names[0])
    if local:
        yield from ((scope, binding) for binding in local)
        return
    for definition in project.symbols.define(scope.module, names[0]):
        if definition.kind == "variable" and definition.module is not None:
            top = definition.module.top
            yield from ((top, binding) for binding in inference.bindings(top).get(definition.symbol, ()))
