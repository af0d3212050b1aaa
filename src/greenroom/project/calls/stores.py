"""Places that hold objects under a name: `app.state.redis`, `services["mail"]`, `registry.get("mail")`."""

from collections import defaultdict
from collections.abc import Iterable

from greenroom.project.calls.bindings import Binding, scope_bindings
from greenroom.project.calls.values import PROBABLE, Resolver, Values, union
from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind

_REGISTER = {"register", "add", "set", "bind", "provide", "register_service", "add_service", "set_service",
             "register_instance", "register_singleton", "register_factory"}  # fmt: skip
_GET = {"get", "resolve", "lookup", "get_service", "get_instance", "require"}
_STATE = ".state."


class Stores:
    """Literal names only; a name that is computed is not followed."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._globals: dict[tuple[Module, str], list[tuple[Scope, Binding]]] = defaultdict(list)
        self._state: dict[str, list[tuple[Scope, object]]] = defaultdict(list)
        self._items: dict[tuple[str, str], list[tuple[Scope, object]]] = defaultdict(list)
        self._registered: dict[str, list[tuple[Scope, object]]] = defaultdict(list)
        for module in modules:
            if module.kind in (FileKind.TEST, FileKind.ARCHIVED, FileKind.EXAMPLE):
                continue
            for scope, body in zip(module.scopes, module.bodies, strict=True):
                self._read_statements(scope, body)
                for call in body.calls:
                    self._read_call(scope, call)

    def _read_statements(self, scope: Scope, body: facts.Body) -> None:
        shared: set[str] = set()
        for statement in body.statements:
            if statement.kind == "global":
                shared.update(statement.target)
            elif statement.kind in ("assign", "annotate") and statement.value is not None:
                targets = statement.target if statement.kind == "assign" else (statement.target,)
                for target in targets:
                    self._read_target(scope, target, statement.value)
        if shared and scope.is_function:
            for name, bindings in _assigned(scope, shared):
                for binding in bindings:
                    self._globals[scope.module, name].append((scope, binding))

    def _read_target(self, scope: Scope, target: object, value: object) -> None:
        if isinstance(target, str):
            if _STATE in target:
                name = target.split(_STATE, 1)[1]
                if "." not in name:
                    self._state[name].append((scope, value))
        elif isinstance(target, tuple) and target[0] == facts.ITEM and isinstance(target[1], str):
            key = facts.constant(target[2])
            if isinstance(key, str):
                self._items[_place(scope, target[1]), key].append((scope, value))

    def _read_call(self, scope: Scope, call: Call) -> None:
        if not isinstance(call.callee, str) or len(call.arguments) < 2:
            return
        if call.callee.rsplit(".", 1)[-1] in _REGISTER and "." in call.callee:
            key = facts.constant(call.arguments[0])
            if isinstance(key, str):
                self._registered[key].append((scope, call.arguments[1]))

    def globals_assigned(self, module: Module, name: str) -> list[tuple[Scope, Binding]]:
        """Assignments under `global name` in functions."""
        return self._globals.get((module, name), [])

    def attribute(self, resolver: Resolver, dotted: str) -> Values:
        """`request.app.state.redis`: what the application was given under this name."""
        if _STATE not in dotted:
            return ()
        name = dotted.split(_STATE, 1)[1]
        return _values(resolver, self._state.get(name, ()))

    def item(self, resolver: Resolver, scope: Scope, base: str, key: str) -> Values:
        """`services["mail"]`, where the same container was given that key."""
        return _values(resolver, self._items.get((_place(scope, base), key), ()))

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


def _values(resolver: Resolver, stored: Iterable[tuple[Scope, object]]) -> Values:
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
