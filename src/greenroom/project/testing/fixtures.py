"""Fixtures: where they are, and which one a test gets under a name."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.module import Module, Scope
from greenroom.project.testing.origins import Origins

_DECORATORS = frozenset(
    {"pytest.fixture", "pytest.yield_fixture", "pytest_asyncio.fixture", "_pytest.fixtures.fixture",
     "pytest_asyncio.plugin.fixture", "pytest_trio.trio_fixture", "pytest_twisted.async_fixture",
     "pytest_twisted.async_yield_fixture"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fixture:
    """A fixture function."""

    name: str
    scope: Scope
    autouse: bool
    decorator: str
    """Canonical: `pytest.fixture`, `pytest_asyncio.fixture` …"""
    parametrised: bool


class Fixtures:
    """All fixtures of a project's suites."""

    def __init__(self, modules: dict[str, Module], origins: Origins) -> None:
        self.modules = modules
        self.origins = origins
        self._in_scope: dict[Scope, dict[str, Fixture]] = {}
        self._visible: dict[Module, dict[str, Fixture]] = {}
        self._chains: dict[Module, list[Module]] = {}
        self._functions: dict[Scope, Fixture | None] = {}
        self._behind: dict[tuple[Module, Scope | None, tuple[str, ...]], list[Fixture]] = {}
        self._closures: dict[tuple[Module, Scope | None, tuple[str, ...]], list[Fixture]] = {}
        self._plugins = [plugin for module in modules.values() for plugin in self._declared_plugins(module)]
        origins.fixture = self._lookup

    def of(self, function: Scope) -> Fixture | None:
        """The fixture that a function is, or None."""
        if function not in self._functions:
            self._functions[function] = self._read(function)
        return self._functions[function]

    def _read(self, function: Scope) -> Fixture | None:
        if function.kind != "function" or function.parent is None:
            return None
        for decorator in function.decorators:
            call = function.parent.body.calls[decorator] if isinstance(decorator, int) else None
            origin = self.origins.of(function.parent, call.callee if call else decorator)
            if origin.removesuffix("()") in _DECORATORS:
                return _fixture(function, origin.removesuffix("()"), call)
        return None

    def find(
        self, name: str, module: Module, owner: Scope | None, but: Scope | None = None
    ) -> Fixture | None:
        """What a test of this module and class gets under this name."""
        if owner is not None:
            for ancestor in self.origins.lineage(owner)[0]:
                found = self._of_scope(ancestor).get(name)
                if found is not None and found.scope is not but:
                    return found
        for place in self.chain(module):
            found = self.visible(place).get(name)
            if found is not None and found.scope is not but:
                return found
        return None

    def automatic(self, module: Module, owner: Scope | None) -> Iterator[Fixture]:
        """The fixtures that every test of this module and class gets unasked."""
        if owner is not None:
            for ancestor in self.origins.lineage(owner)[0]:
                yield from (part for part in self._of_scope(ancestor).values() if part.autouse)
        for place in self.chain(module):
            yield from (part for part in self.visible(place).values() if part.autouse)

    def closure(self, module: Module, owner: Scope | None, names: tuple[str, ...]) -> list[Fixture]:
        """All fixtures behind these names, transitively, and the automatic ones."""
        key = (module, owner, names)
        known = self._closures.get(key)
        if known is not None:
            return known
        found: dict[Scope, Fixture] = {}
        waiting = list(self.automatic(module, owner))
        waiting += [part for name in names if (part := self.find(name, module, owner))]
        while waiting:
            fixture = waiting.pop()
            if fixture.scope in found:
                continue
            found[fixture.scope] = fixture
            for name in requested(fixture.scope):
                part = self.find(name, module, owner, but=fixture.scope)
                if part is not None:
                    waiting.append(part)
        self._closures[key] = list(found.values())
        return self._closures[key]

    def behind(self, module: Module, owner: Scope | None, names: tuple[str, ...]) -> list[Fixture]:
        """The fixtures behind these names alone; what an automatic one draws in may lie idle."""
        key = (module, owner, names)
        known = self._behind.get(key)
        if known is not None:
            return known
        found: dict[Scope, Fixture] = {}
        waiting: list[tuple[str, Scope | None]] = [(name, None) for name in names]
        while waiting:
            name, but = waiting.pop()
            fixture = self.find(name, module, owner, but=but)
            if fixture is not None and fixture.scope not in found:
                found[fixture.scope] = fixture
                waiting += [(inner, fixture.scope) for inner in requested(fixture.scope)]
        self._behind[key] = list(found.values())
        return self._behind[key]

    def chain(self, module: Module) -> list[Module]:
        """The module, the conftest files above it, nearest first, and declared plugins."""
        found = self._chains.get(module)
        if found is None:
            found = [module]
            folder = posixpath.dirname(module.path)
            while True:
                conftest = self.modules.get(posixpath.join(folder, "conftest.py"))
                if conftest is not None and conftest is not module:
                    found.append(conftest)
                if not folder:
                    break
                folder = posixpath.dirname(folder)
            found += [plugin for plugin in self._plugins if plugin not in found]
            self._chains[module] = found
        return found

    def visible(self, module: Module, depth: int = 0) -> dict[str, Fixture]:
        """The fixtures that a module defines or imports, by name."""
        known = self._visible.get(module)
        if known is not None or depth > 6:
            return known or {}
        found: dict[str, Fixture] = {}
        self._visible[module] = found
        for part in module.imports:
            if part.scope:
                continue
            if part.name == "*":
                target = self.origins.symbols.imported_module(module, part.level, part.module)
                if target is not None and target is not module:
                    found.update(self.visible(target, depth + 1))
            elif part.name is not None:
                scope = self.origins.scope(self.origins.of_global(module, part.alias))
                fixture = self.of(scope) if scope is not None and scope.kind == "function" else None
                if fixture is not None:
                    found[part.alias if fixture.name == fixture.scope.name else fixture.name] = fixture
        found.update(self._of_scope(module.top))
        return found

    def _of_scope(self, scope: Scope) -> dict[str, Fixture]:
        found = self._in_scope.get(scope)
        if found is None:
            found = {}
            for child in scope.children:
                fixture = self.of(child) if child.decorators else None
                if fixture is not None:
                    found[fixture.name] = fixture
            self._in_scope[scope] = found
        return found

    def _lookup(self, function: Scope, name: str) -> Scope | None:
        """For parameters of tests and fixtures; production functions have none."""
        if function.kind != "function":
            return None
        fixture = self.of(function)
        if fixture is None and not function.name.startswith("test"):
            return None
        found = self.find(name, function.module, function.owner, but=function)
        return found.scope if found is not None else None

    def foreign_plugins(self, module: Module) -> list[str]:
        """The plug-ins from elsewhere that `pytest_plugins` names, in the module and the conftests above it."""
        return [
            name
            for place in self.chain(module)
            for name in self._plugin_names(place)
            if self.origins.symbols.module(name, place) is None
        ]

    def _declared_plugins(self, module: Module) -> Iterator[Module]:
        for name in self._plugin_names(module):
            target = self.origins.symbols.module(name, module)
            if target is not None:
                yield target

    def _plugin_names(self, module: Module) -> Iterator[str]:
        if not module.path.endswith(".py") or "pytest_plugins" not in self.origins.symbols.globals(module):
            return
        for statement in module.top.body.statements:
            if statement.kind == "assign" and "pytest_plugins" in statement.target:
                yield from texts(statement.value)


def requested(function: Scope) -> tuple[str, ...]:
    """The names that a test or fixture asks for by its parameters."""
    parameters = function.parameters[1:] if function.owner is not None else function.parameters
    return tuple(
        part.name for part in parameters if part.kind in ("positional", "keyword") and part.default is None
    )


def texts(value: facts.Expression) -> list[str]:
    """The string constants of a constant, list or tuple."""
    if isinstance(value, tuple) and value[0] == facts.SEQUENCE:
        return [part for item in value[2] for part in texts(item)]
    found = facts.constant(value)
    return [found] if isinstance(found, str) else []


def _fixture(function: Scope, decorator: str, call: Call | None) -> Fixture:
    name = facts.constant(call.keyword("name")) if call else None
    return Fixture(
        name=name if isinstance(name, str) else function.name,
        scope=function,
        autouse=bool(call and facts.constant(call.keyword("autouse"))),
        decorator=decorator,
        parametrised=bool(call and call.keyword("params") is not None),
    )
