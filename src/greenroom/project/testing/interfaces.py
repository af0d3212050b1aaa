"""Over which interface a test meets the product, with the lines that decide it."""

from dataclasses import dataclass

from greenroom.model.place import Place
from greenroom.model.test_case import Interface
from greenroom.project.code.facts import Expression, spell
from greenroom.project.code.module import Scope
from greenroom.project.testing import touches
from greenroom.project.testing.assertions import LIFECYCLE, Assertions
from greenroom.project.testing.fixtures import Fixtures, requested
from greenroom.project.testing.items import Item
from greenroom.project.testing.origins import Origins

_DEEPEST = 8
_COUNT_UNASKED = (touches.DOUBLE, touches.HTTP_DOUBLE, touches.DATABASE)
"""Of an automatic fixture; that it calls production code does not make a test meet the product."""
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

    def __init__(self, origins: Origins, fixtures: Fixtures, assertions: Assertions) -> None:
        self.origins = origins
        self.fixtures = fixtures
        self.assertions = assertions
        self._known: dict[Scope, Touches] = {}

    def judge(self, item: Item) -> Verdict:
        """The interface of a test, one label."""
        found = self.touches(item)
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
        if doubled:
            kind = touches.DOUBLE if touches.DOUBLE in found else touches.HTTP_DOUBLE
            return _verdict(Interface.MOCKED, "meets doubles only", found, kind, touches.PRODUCTION)
        if touches.PRODUCTION in found:
            return _verdict(Interface.DIRECT, "calls production code", found, touches.PRODUCTION)
        if touches.DATABASE in found:
            return _verdict(Interface.REAL, "works on a database", found, touches.DATABASE)
        named = self._mentions_production(item.function)
        if named is not None:
            place = Place(
                path=item.function.path, line=item.function.line, symbol=item.function.qualname, note=named
            )
            return Verdict(interface=Interface.DIRECT, reasons=("names production code",), evidence=(place,))
        return Verdict(interface=Interface.SELF, reasons=("calls no code of the product",), evidence=())

    def touches(self, item: Item) -> Touches:
        """What the test, its fixtures, its set-up and its helpers touch."""
        found = dict(self.of(item.function))
        self._decorators(item.function, found)
        if item.owner is not None:
            self._of_class(item, found)
        wanted = requested(item.function)
        closure = self.fixtures.closure(item.module, item.owner, wanted)
        for fixture in closure:
            for kind, place in self.of(fixture.scope).items():
                if not fixture.autouse or kind in _COUNT_UNASKED:
                    found.setdefault(kind, place)
        self._of_plugins(item, wanted, found)
        return found

    def _of_class(self, item: Item, found: Touches) -> None:
        assert item.owner is not None  # noqa: S101 - asked by the caller
        for ancestor in self.origins.lineage(item.owner)[0]:
            self._decorators(ancestor, found)
            for child in ancestor.children:
                if child.name in LIFECYCLE:
                    for kind, place in self.of(child).items():
                        found.setdefault(kind, place)
        if (
            item.unittest.startswith(("django.test.", "rest_framework.test."))
            and "Simple" not in item.unittest
        ):
            place = Place(
                path=item.owner.path, line=item.owner.line, symbol=item.owner.qualname, note=item.unittest
            )
            found.setdefault(touches.DATABASE, place)
        if "LiveServer" in item.unittest:
            place = Place(
                path=item.owner.path, line=item.owner.line, symbol=item.owner.qualname, note=item.unittest
            )
            found.setdefault(touches.HTTP, place)

    def _of_plugins(self, item: Item, wanted: tuple[str, ...], found: Touches) -> None:
        for name in wanted:
            kind = touches.OF_FIXTURES.get(name, "")
            if kind and self.fixtures.find(name, item.module, item.owner) is None:
                place = Place(
                    path=item.function.path, line=item.function.line, symbol=item.function.qualname,
                    note=f"fixture {name}",
                )  # fmt: skip
                found.setdefault(kind, place)

    def of(self, function: Scope, depth: int = 0) -> Touches:
        """What a function of the suite touches, through helpers of the suite too."""
        known = self._known.get(function)
        if known is not None or depth > _DEEPEST:
            return known or {}
        found: Touches = {}
        self._known[function] = found
        body = function.body
        for index, call in enumerate(body.calls):
            kind = touches.of_call(self.origins, function, index, call)
            if kind:
                note = f"calls {spell(call.callee, body.calls)}"
                found.setdefault(kind, Place(
                    path=function.path, line=call.line, symbol=function.qualname, column=call.column, note=note
                ))  # fmt: skip
            else:
                self._follow(function, index, found, depth)
        for statement in body.statements:
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

    def _follow(self, function: Scope, index: int, found: Touches, depth: int) -> None:
        target = self.origins.scope(self.origins.callee(function, index).removesuffix("()"))
        if target is None or target is function:
            return
        parts = (
            [child for child in target.children if child.name == "__init__"]
            if target.kind == "class"
            else [target]
        )
        for part in parts:
            for kind, place in self.of(part, depth + 1).items():
                found.setdefault(kind, place)

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
                kind = touches.DATABASE
            if kind:
                line = scope.parent.body.calls[decorator].line if isinstance(decorator, int) else scope.line
                note = f"@{spell(callee, scope.parent.body.calls)}"
                found.setdefault(kind, Place(path=scope.path, line=line, symbol=scope.qualname, note=note))

    def _mentions_production(self, function: Scope) -> str | None:
        """A name of production code that the test hands on without calling it."""
        text = repr((function.body.calls, function.body.statements, function.body.blocks))
        for name in self.origins.symbols.globals(function.module):
            if f"'{name}" not in text:
                continue
            module = self.origins.module_of(self.origins.of_global(function.module, name))
            if module is not None and touches.is_production(module.kind, module.path):
                return f"names {name}"
        return None


def _verdict(interface: Interface, reason: str, found: Touches, *kinds: str) -> Verdict:
    return Verdict(
        interface=interface, reasons=(reason,), evidence=tuple(found[kind] for kind in kinds if kind in found)
    )
