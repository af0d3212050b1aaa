"""What the built-in ways of going through a container give."""

from greenroom.project.calls.values import Resolver, Values, elements
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Scope


def unpacked(resolver: Resolver, scope: Scope, source: Expression, position: int) -> Values:
    """The values of `b` in `for a, b in enumerate(…)`, `zip(…)` or `x.items()`; its position is 1."""
    if type(source) is not int:
        return ()
    call = scope.body.calls[source]
    name = facts.last_name(call.callee)
    if name == "enumerate" and position == 1 and call.arguments:
        return elements(resolver.expression(scope, call.arguments[0]))
    if name == "zip" and position < len(call.arguments):
        return elements(resolver.expression(scope, call.arguments[position]))
    if name == "items" and position == 1 and not call.arguments:
        return elements(_receiver(resolver, scope, call.callee))
    return ()


def container(resolver: Resolver, scope: Scope, callee: Expression) -> Values:
    """What `x.values()` goes through: x itself, where it is a container."""
    if facts.last_name(callee) != "values":
        return ()
    return tuple(value for value in _receiver(resolver, scope, callee) if value.kind == "many")


def _receiver(resolver: Resolver, scope: Scope, callee: Expression) -> Values:
    if isinstance(callee, str):
        return resolver.name(scope, callee.rpartition(".")[0]) if "." in callee else ()
    if isinstance(callee, tuple) and callee[0] == facts.ATTRIBUTE:
        return resolver.expression(scope, callee[1])
    return ()
