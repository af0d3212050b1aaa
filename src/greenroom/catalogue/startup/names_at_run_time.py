"""Names that a module has only once it runs."""

from typing import Final

from greenroom.project.calls.symbols import Symbols
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.mentions import expressions
from greenroom.project.code.module import Module

MACHINERY: Final = {"__path__", "sys.meta_path", "__path__.append", "__path__.extend", "__path__.insert"}
"""The places by which a program changes how its own imports are found."""
_KEEPS: Final = b"HistoricalRecords"
_KEPT: Final = "Historical"
_CHANGES: Final = (b"sys.meta_path", b"sys.modules")


def is_made_for(module: Module, name: str) -> bool:
    """Whether it is called after a class with a decorator, which may have made it: `OrderEvent` of `Order`.

    Or after one whose changes django-simple-history keeps: it puts `HistoricalOrder` beside `Order`.
    """
    return any(
        name == f"{_KEPT}{scope.name}"
        for scope in module.scopes
        if scope.kind == "class" and _KEEPS in module.packed_bodies
    ) or any(
        name != scope.name and name.startswith(scope.name)
        for scope in module.scopes
        if scope.kind == "class" and scope.decorators
    )


def sets_names(body: Body) -> bool:
    """`this = sys.modules[__name__]`, `setattr(this, name, value)`."""
    return any(call.callee == "setattr" for call in body.calls) and any(
        part == "sys.modules" for expression in expressions(body) for part in facts.walk(expression)
    )


def is_handed_on(symbols: Symbols, module: Module) -> bool:
    """`alias_package(__name__, "other")`, where a function of the project changes how imports are found."""
    return any(
        definition.scope is not None
        and definition.scope.is_function
        and any(word in definition.scope.module.packed_bodies for word in _CHANGES)
        for call in module.top.body.calls
        if "__name__" in call.arguments and isinstance(call.callee, str) and "." not in call.callee
        for definition in symbols.define(module, call.callee)
    )


def is_machinery(expression: Expression) -> bool:
    """The places by which a program changes how its own imports are found."""
    return isinstance(expression, str) and (
        expression in MACHINERY or expression.startswith("sys.meta_path.")
    )
