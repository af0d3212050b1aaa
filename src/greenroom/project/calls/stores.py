"""Places that hold objects under a name: `app.state.redis`, `services["mail"]`, `registry.get("mail")`."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from greenroom.project.calls.bindings import Binding, scope_bindings
from greenroom.project.calls.values import PROBABLE, Resolver, Values, union
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, Placed
from greenroom.project.code.module import Module, Scope
from greenroom.project.code.places import APPLICATIONS, in_application
from greenroom.project.files.kind import FileKind

_GET = {"get", "resolve", "lookup", "get_service", "get_instance", "require"}
_STATE = ".state."
Stored = tuple[Scope, Expression]
"""What is put somewhere, and in whose body that stands."""


class Stores:
    """Literal names only; a name that is computed is not followed."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._globals: dict[tuple[Module, str], list[tuple[Scope, Binding]]] = defaultdict(list)
        self._asked: set[tuple[Module, str]] = set()
        self._state: dict[str, list[Stored]] = defaultdict(list)
        self._items: dict[tuple[str, str], list[Stored]] = defaultdict(list)
        self._registered: dict[str, list[Stored]] = defaultdict(list)
        for module in modules:
            if module.kind in (FileKind.TEST, FileKind.ARCHIVED, FileKind.EXAMPLE):
                continue
            for placed in module.placed:
                self._add(module.scopes[placed.scope], placed)
            for scope in module.scopes if b"global" in module.packed_bodies else ():
                if scope.is_function and module.mentions(scope.index, b"global"):
                    self._read_globals(scope)

    def _add(self, scope: Scope, placed: Placed) -> None:
        if placed.how == "state":
            self._state[placed.name].append((scope, placed.value))
        elif placed.how == "item":
            self._items[_place(scope, placed.place), placed.name].append((scope, placed.value))
        else:
            self._registered[placed.name].append((scope, placed.value))

    def _read_globals(self, scope: Scope) -> None:
        statements = scope.body.statements
        shared = {name for part in statements if part.kind == "global" for name in part.target}
        for name, bindings in _assigned(scope, shared) if shared else ():
            self._globals[scope.module, name].extend((scope, binding) for binding in bindings)

    def placed(self) -> dict[str, tuple[int, ...]]:
        """The modules, as bits, in which something is put under a name that any file may ask for."""
        kinds = {"state": self._state, "registered": self._registered}
        return {
            f"{kind} {name}": tuple([scope.module.bit for scope, _ in stored])
            for kind, names in kinds.items()
            for name, stored in names.items()
        }

    def globals_assigned(self, module: Module, name: str) -> list[tuple[Scope, Binding]]:
        """Assignments under `global name` in functions."""
        return self._globals.get((module, name), [])

    def once(self, name: tuple[Module, str], ask: Callable[[], Values]) -> Values:
        """What a global is, unless that is being asked: `from here import LEVEL` under `global LEVEL` gives it itself."""
        if name in self._asked:
            return ()
        self._asked.add(name)
        found = ask()
        self._asked.discard(name)
        return found

    def attribute(self, resolver: Resolver, dotted: str) -> Values:
        """`request.app.state.redis`: what the application was given under this name."""
        return _values(resolver, self.put_in_state(dotted))

    def put_in_state(self, dotted: str) -> Sequence[Stored]:
        """What is put under the last name of `request.app.state.redis`, and where that is written."""
        name = dotted.partition(_STATE)[2]
        return self._state.get(name, ()) if name else ()

    def item(self, resolver: Resolver, scope: Scope, base: str, key: Expression) -> Values:
        """`services["mail"]`, where the same container was given that key."""
        return _values(resolver, self.put(scope, base, key))

    def put(self, scope: Scope, base: str, key: Expression) -> Sequence[Stored]:
        """What is put under a key of a container, or of an application of aiohttp's, and where that is written."""
        text = facts.constant(key)
        own = self._items.get((_place(scope, base), text), ()) if isinstance(text, str) else ()
        if own or facts.last_name(base) not in APPLICATIONS:
            return own
        return [part for part in self._state.get(in_application(key), ()) if _is_of_aiohttp(part[0].module)]

    def registered(self, resolver: Resolver, scope: Scope, call: Call) -> Values:
        """`registry.get("mail")`, where the project registers that name exactly once."""
        callee = call.callee
        if not isinstance(callee, str) or "." not in callee or not call.arguments:
            return ()
        if callee.rsplit(".", 1)[-1] not in _GET:
            return ()
        key = facts.constant(call.arguments[0])
        stored = self._registered.get(key, ()) if isinstance(key, str) else ()
        if len(stored) != 1:
            return ()
        # `redis.get("mail")` is no registry: what is asked must be an object of the project.
        asked = resolver.name(scope, callee.rpartition(".")[0])
        if not any(value.kind in ("instance", "class") for value in asked):
            return ()
        return _values(resolver, stored)


def _is_of_aiohttp(module: Module) -> bool:
    return any((part.module or part.name or "").partition(".")[0] == "aiohttp" for part in module.imports)


def _values(resolver: Resolver, stored: Sequence[Stored]) -> Values:
    for scope, _ in stored:
        resolver.trail.seen |= scope.module.bit
    found = union(*[resolver.expression(scope, value) for scope, value in stored])
    return tuple(value.weaker(PROBABLE) for value in found)


def _place(scope: Scope, base: str) -> str:
    """One text for one container: by class for `self.x`, by module for a global."""
    head, _, rest = base.partition(".")
    current: Scope | None = scope
    while current is not None and current.kind != "class":
        current = current.parent
    if head in ("self", "cls") and current is not None:
        return f"{scope.module.path}::{current.qualname}.{rest}"
    return f"{scope.module.path}::{base}"


def _assigned(scope: Scope, shared: set[str]) -> list[tuple[str, list[Binding]]]:
    found = scope_bindings(scope, keep_shared=True)
    return [(name, found[name]) for name in sorted(shared) if name in found]
