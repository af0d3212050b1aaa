"""Names that a module has only once it runs."""

from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.mentions import expressions
from greenroom.project.code.module import Module

MACHINERY: Final = {"__path__", "sys.meta_path", "__path__.append", "__path__.extend", "__path__.insert"}
"""The places by which a program changes how its own imports are found."""


def is_made_for(module: Module, name: str) -> bool:
    """Whether it is called after a class with a decorator, which may have made it: `OrderEvent` of `Order`."""
    return any(
        name != scope.name and name.startswith(scope.name)
        for scope in module.scopes
        if scope.kind == "class" and scope.decorators
    )


def sets_names(body: Body) -> bool:
    """`this = sys.modules[__name__]`, `setattr(this, name, value)`."""
    return any(call.callee == "setattr" for call in body.calls) and any(
        part == "sys.modules" for expression in expressions(body) for part in facts.walk(expression)
    )


def is_machinery(expression: Expression) -> bool:
    """The places by which a program changes how its own imports are found."""
    return isinstance(expression, str) and (
        expression in MACHINERY or expression.startswith("sys.meta_path.")
    )
