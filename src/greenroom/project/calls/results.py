"""What calling something of a library gives, and what entering anything does."""

from collections.abc import Callable
from typing import Final

from greenroom.project.calls.values import Resolver, Value, Values, elements, union
from greenroom.project.code.facts import Call
from greenroom.project.code.module import Scope
from greenroom.project.libraries.library import Effect, Effects

_MODEL: Final = "model"
"""`returns` of what gives the project's own class: `Ticket.objects.get(…)` gives a `Ticket`."""


def of_library(effects: Effects, owner: str, name: str, model: object) -> Value:
    """An attribute of a library's class, as its instance or a class of the project that derives from it has it."""
    held = effects.attribute(owner, name)
    return Value("object", held, key=model) if held else Value("member", (owner, name), key=model)


def library_result(effects: Effects, value: Value) -> Values:
    """The result of calling a function, a class or a class method of a library."""
    effect = effects.function(value.ref)
    base, _, last = value.ref.rpartition(".")
    if effect is None and base and effects.library_class(base) is not None:  # Redis.from_url
        effect = effects.method(base, last)
        return _returned(effects, effect, value)
    if effect is not None:
        return _returned(effects, effect, value)
    if last[:1].isupper():
        return (Value("object", effects.canonical(value.ref), value.certainty),)
    return ()


def member_result(effects: Effects, value: Value) -> Values:
    """The result of calling a method of a library's object, or the object itself."""
    owner, name = value.ref if value.kind == "member" else (value.ref, "__call__")
    return _returned(effects, effects.method(owner, name), value)


def iterated_object(effects: Effects, values: Values) -> Values:
    """What a loop over a library's object binds, as far as its file says."""
    return _taken_from(effects, values, "__iter__")


def item_of_object(effects: Effects, values: Values) -> Values:
    """What an index into a library's object gives, as far as its file says."""
    return _taken_from(effects, values, "__getitem__")


def joined(effects: Effects, values: Values) -> Values:
    """What `|` makes of these, as far as their files say: `prompt | model` is asked as the model is."""
    return _taken_from(effects, values, "__or__")


def _taken_from(effects: Effects, values: Values, method: str) -> Values:
    return union(
        *[
            _returned(effects, effects.listed(value.ref, method), value)
            for value in values
            if value.kind == "object"
        ]
    )


def _entered_object(effects: Effects, value: Value) -> Values:
    """What `with` binds for a library's object: itself, where nothing else is known."""
    for name in ("__aenter__", "__enter__"):
        found = _returned(effects, effects.method(value.ref, name), value)
        if found:
            return found
    return (value,)


def entered(effects: Effects, enter: Callable[[Value], Values], values: Values) -> Values:
    """What `with value as x` binds.

    Args:
        effects: of the libraries.
        enter: what entering an object of the project gives.
        values: what the value may be.
    """
    found: list[Values] = []
    for value in values:
        if value.kind == "instance":
            found.append(enter(value))
        elif value.kind == "object":
            found.append(_entered_object(effects, value))
        elif value.kind == "many":
            found.append(elements((value,)))
    return union(*found)


def variant(resolver: Resolver, scope: Scope, call: Call, values: Values) -> Values:
    """`sessionmaker(class_=AsyncSession)`: the argument decides what is made."""
    effects = resolver.effects
    for value in values:
        described = effects.library_class(value.ref) if value.kind == "library" else None
        for argument, variants in described.variants.items() if described else ():
            for given in resolver.expression(scope, call.keyword(argument)):
                name = effects.canonical(given.ref) if given.kind == "library" else ""
                if name in variants:
                    return (Value("object", variants[name], value.certainty),)
    return ()


def _returned(effects: Effects, effect: Effect | None, value: Value) -> Values:
    if effect is None or not effect.returns:
        return ()
    if effect.returns == _MODEL:
        return (Value("instance", value.key, value.certainty),) if isinstance(value.key, Scope) else ()
    return (Value("object", effects.canonical(effect.returns), value.certainty, value.key),)
