"""Over which interface a test meets the product, with the lines that decide it."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from greenroom.model.place import Place
from greenroom.model.test_case import Interface
from greenroom.project.code.facts import ATTRIBUTE, Expression, spell
from greenroom.project.code.module import Module, Scope
from greenroom.project.testing import touches
from greenroom.project.testing.assertions import LIFECYCLE, Assertions
from greenroom.project.testing.evidence import DatabaseSigns, only_prepares, parametrised
from greenroom.project.testing.fixtures import Fixture, Fixtures, requested
from greenroom.project.testing.idle_clients import lies_idle
from greenroom.project.testing.items import Item
from greenroom.project.testing.origins import Origins
from greenroom.project.testing.quoted import QuotedNames

_DEEPEST = 8
Touches = dict[str, Place]
"""Kind of `touches` → the first line that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The interface of one test."""

    interface: Interface
    reasons: tuple[str, ...]
    evidence: tuple[Place, ...]


class Interfaces:
    """Classifies tests; remembers what each function of the suite touches."""

    def __init__(
        self, origins: Origins, fixtures: Fixtures, assertions: Assertions, *,
        django_on_sqlite: bool = False, flask_on_sqlite: bool = False,
    ) -> None:  # fmt: skip
        self._of_django = touches.OWN_TABLES if django_on_sqlite else touches.DATABASE
        self._of_flask = touches.OWN_TABLES if flask_on_sqlite else touches.DATABASE
        self.origins = origins
        self.fixtures = fixtures
        self.assertions = assertions
        self._known: dict[tuple[Scope, Scope | None], Touches] = {}
        self._classes: dict[Scope, Touches] = {}
        self._of_production: dict[Module, tuple[str, ...]] = {}
        self._items: dict[Item, Touches] = {}
        self._named: dict[Scope, str | None] = {}
        self._quoted: dict[Scope, frozenset[str]] = {}
        self._signs = DatabaseSigns(origins)

    def judge(self, item: Item, *, without: AbstractSet[str] = frozenset()) -> Verdict:
        """The interface of a test, one label; `without` names kinds of `touches` that are known not to be so."""
        found = {kind: place for kind, place in self.touches(item).items() if kind not in without}
        for kind in touches.REAL:
            if kind in found and not (kind == touches.HTTP and touches.HTTP_DOUBLE in found):
                return _verdict(Interface.REAL, f"goes over a real interface: {kind}", found, kind)
        if touches.IN_PROCESS in found:
            return _verdict(
                Interface.IN_PROCESS, "calls the application in its own process", found, touches.IN_PROCESS
            )
        if touches.DATABASE in found and touches.PRODUCTION in found:
            return _verdict(
                Interface.REAL, "works on a database", found, touches.DATABASE, touches.PRODUCTION
            )
        doubled = touches.DOUBLE in found or touches.HTTP_DOUBLE in found
        alone = touches.OWN_TABLES not in found and not (
            touches.SQLITE in found and touches.PRODUCTION in found
        )
        if doubled and alone:
            kind = touches.DOUBLE if touches.DOUBLE in found else touches.HTTP_DOUBLE
            return _verdict(Interface.MOCKED, "meets doubles only", found, kind, touches.PRODUCTION)
        if touches.PRODUCTION in found:
            return _verdict(Interface.DIRECT, "calls production code", found, touches.PRODUCTION)
        if touches.OWN_TABLES in found:
            return _verdict(Interface.DIRECT, "works on the product's tables", found, touches.OWN_TABLES)
        if touches.DATABASE in found:
            return _verdict(Interface.REAL, "works on a database", found, touches.DATABASE)
        named = self.mentions_production(item.function)
        if named is not None:
            place = Place(
                path=item.function.path, line=item.function.line, symbol=item.function.qualname, note=named
            )
            return Verdict(interface=Interface.DIRECT, reasons=("names production code",), evidence=(place,))
        return Verdict(interface=Interface.SELF, reasons=("calls no code of the product",), evidence=())

    def touches(self, item: Item) -> Mapping[str, Place]:
        """What the test, its fixtures, its set-up and its helpers touch."""
        if item not in self._items:
            self._items[item] = self._find_touches(item)
        return self._items[item]

    def _find_touches(self, item: Item) -> Touches:
        found = dict(self.of(item.function))
        self._decorators(item.function, found)
        if item.owner is not None:
            self._of_class(item, found)
        wanted = requested(item.function)
        behind = self.fixtures.behind(item.module, item.owner, wanted)
        asked = {fixture.scope for fixture in behind}
        for fixture in self.fixtures.closure(item.module, item.owner, wanted):
            for kind, place in self.of(fixture.scope).items():
                if fixture.scope in asked or self._counts_unasked(item, fixture, kind):
                    found.setdefault(kind, place)
        given = parametrised(item.function)
        self._of_plugins(item, item.function, [name for name in wanted if name not in given], found)
        for fixture in behind:
            names = [name for name in requested(fixture.scope) if _is_asked(item, fixture, name, behind)]
            self._of_plugins(item, fixture.scope, names, found)
        return found

    def _counts_unasked(self, item: Item, fixture: Fixture, kind: str) -> bool:
        """Of an automatic fixture: its doubles for this very file, a database that the test then asks."""
        if kind == touches.HTTP_DOUBLE:
            return True
        if kind == touches.DOUBLE:
            return fixture.scope.module is item.module
        return kind == touches.DATABASE and self._signs.in_any([item.function])

    def _of_class(self, item: Item, found: Touches) -> None:
        assert item.owner is not None  # noqa: S101 - asked by the caller
        lineage = self.origins.lineage(item.owner)[0]
        for kind, place in self._around_all(item.owner).items():
            if kind not in found and kind == touches.IN_PROCESS and lies_idle(place, item.function, lineage):
                continue
            found.setdefault(kind, place)
        if (
            item.unittest.startswith(("django.test.", "rest_framework.test."))
            and "Simple" not in item.unittest
            and self._signs.in_any([item.function, *_around(lineage)])
        ):
            place = Place(
                path=item.owner.path, line=item.owner.line, symbol=item.owner.qualname, note=item.unittest
            )
            found.setdefault(self._of_django, place)
        if "LiveServer" in item.unittest:
            place = Place(
                path=item.owner.path, line=item.owner.line, symbol=item.owner.qualname, note=item.unittest
            )
            found.setdefault(touches.HTTP, place)

    def _around_all(self, owner: Scope) -> Touches:
        """What a class does for each of its tests: its own calls, its decorators, set-up and tear-down."""
        known = self._classes.get(owner)
        if known is not None:
            return known
        found: Touches = {}
        for ancestor in self.origins.lineage(owner)[0]:
            self._decorators(ancestor, found)
            kinds = touches.of_calls(self.origins, ancestor)
            for call, kind in zip(ancestor.body.calls, kinds, strict=True):
                if kind == touches.PRODUCTION:
                    note = f"calls {spell(call.callee, ancestor.body.calls)}"
                    place = Place(path=ancestor.path, line=call.line, symbol=ancestor.qualname, note=note)
                    found.setdefault(touches.PRODUCTION, place)
            for child in ancestor.children:
                if child.name in LIFECYCLE:
                    for kind, place in self.of(child).items():
                        found.setdefault(kind, place)
        self._classes[owner] = found
        return found

    def _of_plugins(self, item: Item, asker: Scope, wanted: Iterable[str], found: Touches) -> None:
        """What a test, or a fixture behind its parameters, asks of plugins by these names."""
        for name in wanted:
            kind = self._of_django if name in touches.OF_DJANGO else touches.OF_FIXTURES.get(name, "")
            if kind and self.fixtures.find(name, item.module, item.owner, but=asker) is None:
                place = Place(path=asker.path, line=asker.line, symbol=asker.qualname, note=f"fixture {name}")
                found.setdefault(kind, place)

    def of(self, function: Scope, depth: int = 0, heir: Scope | None = None) -> Touches:
        """What a function of the suite touches, through helpers of the suite too; `heir` is the class that has it by a base."""
        known = self._known.get((function, heir))
        if known is not None or depth > _DEEPEST:
            return known or {}
        found: Touches = {}
        self._known[function, heir] = found
        body = function.body
        for index, call in enumerate(body.calls):
            kind = self._of_call(function, index)
            if not kind:
                self._follow(function, index, found, depth, heir)
            elif kind not in found:
                found[kind] = Place(
                    path=function.path, line=call.line, symbol=function.qualname, column=call.column,
                    note=f"calls {spell(call.callee, body.calls)}",
                )  # fmt: skip
        overrides = function.module.mentions(function.index, b"dependency_overrides")
        for statement in body.statements if overrides else ():
            if statement.kind == "assign" and "dependency_overrides" in repr(statement.target):
                place = Place(
                    path=function.path,
                    line=statement.line,
                    symbol=function.qualname,
                    note="overrides a dependency",
                )
                found.setdefault(touches.DOUBLE, place)
        for child in function.children:
            inner = child.children if child.kind == "class" else (child,)
            for part in inner:
                for kind, place in self.of(part, depth + 1).items():
                    found.setdefault(kind, place)
        return found

    def _of_call(self, function: Scope, index: int) -> str:
        kind = touches.of_call(self.origins, function, index)
        if kind == touches.DATABASE and self.origins.callee(function, index).startswith("flask_sqlalchemy."):
            return self._of_flask
        return kind

    def _follow(self, function: Scope, index: int, found: Touches, depth: int, heir: Scope | None) -> None:
        target = self.origins.scope(self.origins.callee(function, index).removesuffix("()"))
        if target is None or target is function:
            return
        if target.owner is not None:
            target, heir = self._of_heir(function, index, target, heir)
        parts = (
            [child for child in target.children if child.name == "__init__"]
            if target.kind == "class"
            else [target]
        )
        for part in parts:
            touched = self.of(part, depth + 1, heir if part is target else None)
            idle = touches.IN_PROCESS in touched and only_prepares(part, self.origins)
            for kind, place in touched.items():
                if not (idle and kind == touches.IN_PROCESS):
                    found.setdefault(kind, place)

    def _of_heir(
        self, function: Scope, index: int, target: Scope, heir: Scope | None
    ) -> tuple[Scope, Scope | None]:
        """The method that the object's own class has in place of this one, and that class where it has it by a base."""
        head, name = _parts(function.body.calls[index].callee)
        if heir is None or not function.parameters or head != function.parameters[0].name:
            heir = self.origins.scope(self.origins.of(function, head))
        if heir is None or heir.kind != "class":
            return target, None
        own = self.origins.scope(self.origins.attribute(f"{heir.path}::{heir.qualname}()", name)) or target
        return own, None if own.owner is heir else heir

    def _decorators(self, scope: Scope, found: Touches) -> None:
        if scope.parent is None:
            return
        for decorator in scope.decorators:
            callee: Expression = (
                scope.parent.body.calls[decorator].callee if isinstance(decorator, int) else decorator
            )
            origin = self.origins.of(scope.parent, callee)
            kind = ""
            if origin.startswith(("unittest.mock.patch", "mock.patch")):
                kind = touches.DOUBLE
            elif origin.startswith(("respx.", "responses.", "moto.", "requests_mock.", "vcr.", "httpretty.")):
                kind = touches.HTTP_DOUBLE
            elif origin.startswith("pytest.mark.django_db"):
                kind = self._of_django
            if kind:
                line = scope.parent.body.calls[decorator].line if isinstance(decorator, int) else scope.line
                note = f"@{spell(callee, scope.parent.body.calls)}"
                found.setdefault(kind, Place(path=scope.path, line=line, symbol=scope.qualname, note=note))

    def mentions_production(self, function: Scope) -> str | None:
        """A name of production code that the test, or what it uses of its own file, hands on uncalled."""
        if function not in self._named:
            self._named[function] = self._find_production(function)
        return self._named[function]

    def _find_production(self, function: Scope) -> str | None:
        module = function.module
        inner = [
            part for part in module.imports if part.scope and function.line <= part.line <= function.end_line
        ]
        outer = self._production_names(module)
        if not inner and not outer:
            return None
        quoted = QuotedNames(self._quoted, [function, *_classes(function), *_classes(function.owner)])
        for child in module.top.children:
            if child is not function and child is not function.owner and quoted.hold(child.name):
                quoted.add([child, *child.children])
        for name in outer:
            if quoted.hold(name):
                return f"names {name}"
        for part in inner:
            if quoted.hold(part.alias):
                home = self.origins.symbols.imported_module(module, part.level, part.module)
                if home is not None and touches.is_production(home.kind, home.path):
                    return f"names {part.alias}"
        return None

    def _production_names(self, module: Module) -> tuple[str, ...]:
        """What a file of tests has of production code under a name of its own."""
        found = self._of_production.get(module)
        if found is None:
            names = self.origins.symbols.globals(module)
            found = tuple([name for name in names if self._is_of_production(module, name)])
            self._of_production[module] = found
        return found

    def _is_of_production(self, module: Module, name: str) -> bool:
        homes = [
            definition.scope.module if definition.scope is not None else definition.module
            for definition in self.origins.symbols.define(module, name)
        ]
        return any(home is not None and touches.is_production(home.kind, home.path) for home in homes)


def _is_asked(item: Item, fixture: Fixture, name: str, behind: list[Fixture]) -> bool:
    """Whether what a plugin gives to a fixture is at work: of a client, that somebody goes on with what has it."""
    if touches.OF_FIXTURES.get(name) != touches.IN_PROCESS or any(
        isinstance(call.callee, str) and call.callee.startswith(f"{name}.")
        for call in fixture.scope.body.calls
    ):
        return True
    askers = (item.function, *(other.scope for other in behind if other is not fixture))
    return any(
        fixture.name in requested(asker) and asker.module.mentions(asker.index, fixture.name.encode())
        for asker in askers
    )


def _parts(callee: Expression) -> tuple[Expression, str]:
    """Whose method is called, and its name; nobody's, where it is called by its name alone."""
    if isinstance(callee, str):
        head, _, name = callee.rpartition(".")
        return head or None, name
    return (callee[1], callee[2]) if isinstance(callee, tuple) and callee[0] == ATTRIBUTE else (None, "")


def _classes(scope: Scope | None) -> list[Scope]:
    return [child for child in scope.children if child.kind == "class"] if scope is not None else []


def _around(lineage: list[Scope]) -> list[Scope]:
    """What a runner calls before the tests of a class."""
    return [
        child
        for ancestor in lineage
        for child in ancestor.children
        if child.name in LIFECYCLE or child.name == "setUpTestData"
    ]


def _verdict(interface: Interface, reason: str, found: Touches, *kinds: str) -> Verdict:
    return Verdict(
        interface=interface, reasons=(reason,), evidence=tuple(found[kind] for kind in kinds if kind in found)
    )
