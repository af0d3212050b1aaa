"""What an expression may stand for."""

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from greenroom.project.calls.trail import Trail
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Scope
from greenroom.project.libraries.library import Effects

CERTAIN, PROBABLE, POSSIBLE = 2, 1, 0


class Value(NamedTuple):
    """One possible value of an expression.

    kind and ref:
    module (Module) · class (Scope) · function (Scope) · instance (Scope of its class) ·
    library (dotted name of something outside the project: module, class or function) ·
    object (dotted name of the library class that it is an instance of) ·
    member ((class name, attribute): an attribute or method of an object) ·
    many (tuple of values: what iterating, awaiting a generator or entering yields) ·
    super (Scope of the class whose bases are meant)
    """

    kind: str
    ref: Any
    certainty: int = CERTAIN
    key: object = None
    """Of a part of `many`: under which key it stands, where that is written there. Of an object or a member of a
    library: the class of the project through which it was reached (`Ticket.objects`)."""

    def weaker(self, certainty: int) -> "Value":
        """The same value, at most as certain as this."""
        return self if self.certainty <= certainty else self._replace(certainty=certainty)


Values = tuple[Value, ...]
_MOST = 6


class Resolver(Protocol):
    """What tells the values of expressions; annotations and stores ask it back."""

    effects: Effects
    trail: Trail

    def name(self, scope: Scope, dotted: str) -> Values:
        """The values of a (dotted) name as seen from a scope."""

    def expression(self, scope: Scope, expression: Expression) -> Values:
        """The values of an expression that stands in the body of this scope."""

    def aliases(self, scope: Scope, name: str) -> list[tuple[Scope, Expression]]:
        """The expressions that a module-level name is assigned."""

    def result(self, value: Value) -> Values:
        """What calling the value gives, after await."""


def union(*groups: Values) -> Values:
    """The alternatives without repetition; more than one makes each of them probable only."""
    given = [group for group in groups if group]
    if len(given) < 2 and (not given or len(given[0]) == 1):
        return given[0] if given else ()
    found: dict[tuple[str, Any, object], Value] = {}
    for group in given:
        for value in group:
            same = (value.kind, value.ref, value.key)
            known = found.get(same)
            if known is None or known.certainty < value.certainty:
                found[same] = value
    values = tuple(found.values())[:_MOST]
    if len(values) > 1:
        values = tuple([value.weaker(PROBABLE) for value in values])
    return values


def weakened(values: Values, certainty: int) -> Values:
    """The same values, each at most as certain as this."""
    return values if certainty == CERTAIN else tuple([value.weaker(certainty) for value in values])


def elements(values: Values, key: object = None) -> Values:
    """What iterating over (or entering, for a generator-based context manager) gives, or what stands under a key."""
    parts = [part.weaker(value.certainty) for value in values if value.kind == "many" for part in value.ref]
    under = [part for part in parts if part.key == key] if key is not None else []
    return union(
        tuple([part._replace(key=None) if part.key is not None else part for part in under or parts])
    )


def many(values: Values) -> Values:
    """A container, iterator or generator of these."""
    return (Value("many", values),) if values else ()


def keyed(parts: Iterable[tuple[object, Values]]) -> Values:
    """A dictionary of these."""
    return many(tuple([value._replace(key=key) for key, values in parts for value in values]))
