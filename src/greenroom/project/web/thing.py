"""The outcomes of expressions, and where expressions stand."""

from typing import Any, NamedTuple

from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Scope

MOST_ALTERNATIVES = 60


class Made(NamedTuple):
    """The object that a call made; two calls, or one call with other arguments, make two."""

    scope: Scope
    call: int
    arguments: tuple[Any, ...]
    """What distinguishes this run of the surrounding factory."""
    symbol: str
    """Dotted name of the library class or function; for a project's class, of its first library base."""
    cls: Scope | None
    """The project's class, where it is one."""

    @property
    def last(self) -> str:
        """The class's own name in the library."""
        return self.symbol.rsplit(".", 1)[-1]

    @property
    def root(self) -> str:
        """The library's import root."""
        return self.symbol.split(".", 1)[0]


class Thing(NamedTuple):
    """One possible outcome.

    kind and ref: text (str) · number (a constant) · made (Made) · self (Scope of the class) · function
    (Scope) · method (owner Thing or None, Scope) · class (Scope) · library (dotted name) · module
    (Module) · list (tuple of Things) · map (tuple of (key, Things)) · member (Thing, name) · super (Thing, the
    class whose bases are meant)
    """

    kind: str
    ref: Any
    certain: bool = True


Things = tuple[Thing, ...]


class Frame(NamedTuple):
    """The names that one run of a function (or of a loop's body) binds from outside."""

    scope: Scope
    names: dict[str, Things]
    key: tuple[Any, ...]


class Context(NamedTuple):
    """Where an expression stands: in a scope, during one run of it."""

    scope: Scope
    frame: Frame | None = None
    line: int = 0
    """Bindings after this line do not count; 0: all do."""

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells this run of the scope from others."""
        return self.frame.key if self.frame is not None else ()

    def bind(self, names: dict[str, Things]) -> "Context":
        """The same place with more names bound, as in a loop's body."""
        known = self.frame.names if self.frame is not None else {}
        return self._replace(frame=Frame(self.scope, {**known, **names}, (*self.key, *names.items())))


def unpack(target: Expression, item: Things) -> dict[str, Things]:
    """The names that `for target in …` binds to this item."""
    if isinstance(target, str):
        return {target: item}
    names: dict[str, Things] = {}
    if isinstance(target, tuple) and target[0] == facts.SEQUENCE:
        for thing in item:
            if thing.kind == "list" and len(thing.ref) == len(target[2]):
                for part, value in zip(target[2], thing.ref, strict=True):
                    names.update(unpack(part, value))
    return names


def doubtful(things: list[Thing], *, keep_objects: bool = False) -> Things:
    """Texts of which only one will be the one; an object stays what it is."""
    unique = list(dict.fromkeys(things))[:MOST_ALTERNATIVES]
    return tuple(
        thing._replace(certain=False) if thing.kind == "text" or not keep_objects else thing
        for thing in unique
    )


def text_of(things: Things) -> Thing | None:
    """The last text among the outcomes."""
    return next((thing for thing in reversed(things) if thing.kind == "text"), None)
