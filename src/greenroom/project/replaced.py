"""What a test puts in the place of production code and of libraries, and whether that fails on purpose."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from greenroom.model.place import Place
from greenroom.project.calls.symbols import Symbols
from greenroom.project.code import facts
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.provoked import answers_with_error, provokes_failure
from greenroom.project.testing import touches
from greenroom.project.testing.assertions import LIFECYCLE
from greenroom.project.testing.doubles import Double
from greenroom.project.testing.items import Item
from greenroom.project.testing.suite import Suite

_FAKES = {"fakeredis": "cache", "mongomock": "database", "mongomock_motor": "database"}
"""Libraries that are a double of one kind of thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """By one test, its fixtures and its set-up."""

    scopes: frozenset[Scope]
    """Functions and methods of production that do not run."""
    libraries: frozenset[str]
    """Import roots whose functions, classes or objects are replaced."""
    kinds: frozenset[str]
    """Kinds of dependencies that a fake of their own stands for."""
    loose: bool
    """Doubles that are handed over: nobody can tell in whose place."""
    http: bool
    """HTTP requests are answered by a double."""
    sqlite: bool
    """The database is SQLite, in the test's own process."""
    failing_scopes: frozenset[Scope]
    """Of `scopes`, those whose double raises."""
    failing_libraries: frozenset[str]
    failing_names: frozenset[str]
    """Of libraries, what raises in the place of them: `stripe.Customer.create`."""
    fails: bool
    """Something fails on purpose that is no double with a known place."""
    answers_with_error: bool
    """A double answers requests with an error."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one function of the suite does to that."""

    mocks: frozenset[str]
    """Import roots of what makes doubles beside its patches: those that are handed over."""
    overridden: tuple[Scope, ...]
    fails: bool
    answers_with_error: bool


class Replacements:
    """Finds them; remembers what each function of the suite does."""

    def __init__(self, suite: Suite, symbols: Symbols) -> None:
        self._suite = suite
        self._doubles = suite.doubles
        self._modules = {module.path: module for module in symbols.modules()}
        self._known: dict[Item, Replaced] = {}
        self._parts: dict[Scope, _Part] = {}
        self._methods: dict[str, tuple[Scope, ...]] = {}
        self._scopes: dict[Item, list[Scope]] = {}

    def of(self, item: Item) -> Replaced:
        """What one test replaces."""
        if item not in self._known:  # a test that is defined twice is two of the same id
            self._known[item] = self._find(item)
        return self._known[item]

    def scopes(self, item: Item) -> list[Scope]:
        """The test, the fixtures that it asks for, and its class's set-up."""
        if item not in self._scopes:
            self._scopes[item] = self._find_scopes(item)
        return self._scopes[item]

    def _find_scopes(self, item: Item) -> list[Scope]:
        wanted = tuple(part.name for part in item.function.parameters)
        closure = self._suite.fixtures.closure(item.module, item.owner, wanted)
        found = [item.function, *(fixture.scope for fixture in closure)]
        if item.owner is not None:
            for ancestor in self._suite.origins.lineage(item.owner)[0]:
                found.extend(child for child in ancestor.children if child.name in LIFECYCLE)
        return found

    def _find(self, item: Item) -> Replaced:
        scopes = self.scopes(item)
        doubles = list(self._doubles.on(item.function, item.owner))
        for scope in scopes[1:]:
            doubles.extend(self._doubles.inside(scope))
        known = {(double.place.path, double.place.line) for double in doubles}
        found = self._suite.interfaces.touches(item)
        parts = [self._part(scope) for scope in scopes]
        mocks = frozenset().union(*(part.mocks for part in parts))
        overridden = [scope for part in parts for scope in part.overridden]
        raising = [double for double in doubles if double.raises]
        return Replaced(
            scopes=frozenset([*self._seats(doubles), *overridden]),
            libraries=frozenset(self._libraries(doubles)),
            kinds=frozenset(_FAKES[origin] for origin in mocks if origin in _FAKES),
            loose=bool(mocks - _FAKES.keys()) or _is_elsewhere(found, known, scopes),
            http=touches.HTTP_DOUBLE in found,
            sqlite=touches.SQLITE in found and touches.DATABASE not in found,
            failing_scopes=frozenset(self._seats(raising)),
            failing_libraries=frozenset(self._libraries(raising)),
            failing_names=frozenset(double.real.replace("()", "") for double in raising),
            fails=any(part.fails for part in parts),
            answers_with_error=any(part.answers_with_error for part in parts),
        )

    def _part(self, scope: Scope) -> _Part:
        if scope not in self._parts:
            known = {(double.place.path, double.place.line) for double in self._doubles.inside(scope)}
            self._parts[scope] = _Part(
                frozenset(self._mocks(scope, known)),
                tuple(self._overridden(scope)),
                provokes_failure(scope, known),
                answers_with_error(scope),
            )
        return self._parts[scope]

    def _seats(self, doubles: Iterable[Double]) -> Iterator[Scope]:
        for double in doubles:
            for origin in (double.real, double.seat):
                yield from self._methods_of(origin)

    def _methods_of(self, origin: str) -> tuple[Scope, ...]:
        """The production function of an origin, or all methods of the class."""
        if origin not in self._methods:
            self._methods[origin] = tuple(self._find_methods(origin))
        return self._methods[origin]

    def _find_methods(self, origin: str) -> Iterator[Scope]:
        path, _, name = origin.partition("::")
        module = self._modules.get(path)
        if module is None or not name or module.kind is FileKind.TEST:
            return
        plain = name.replace("()", "")
        for scope in module.scopes:
            if scope.is_function and (scope.qualname == plain or scope.qualname.startswith(f"{plain}.")):
                yield scope

    @staticmethod
    def _libraries(doubles: Iterable[Double]) -> Iterator[str]:
        for double in doubles:
            for origin in (double.real, double.seat):
                if origin and "::" not in origin:
                    yield origin.split(".", 1)[0].removesuffix("()")

    def _mocks(self, scope: Scope, known: set[tuple[str, int]]) -> Iterator[str]:
        origins, calls = self._suite.origins, scope.body.calls
        spans = [(call.line, call.end_line) for call in calls if (scope.path, call.line) in known]
        for call, kind in zip(calls, touches.of_calls(origins, scope), strict=True):
            inside = any(first <= call.line <= last for first, last in spans)
            # What a patch returns is configured, and its calls are asked about: that makes no second double.
            configured = isinstance(call.callee, str) and call.callee.startswith("mock_")
            if kind == touches.DOUBLE and not inside and not configured:
                yield origins.of(scope, call.callee).split(".", 1)[0]

    def _overridden(self, scope: Scope) -> Iterator[Scope]:
        """`app.dependency_overrides[get_store] = …`: that dependency does not run."""
        for statement in scope.body.statements:
            for target in statement.target if statement.kind == "assign" else ():
                if not (isinstance(target, tuple) and target[0] == facts.ITEM):
                    continue
                base = target[1] if isinstance(target[1], str) else ""
                if base.endswith("dependency_overrides") and isinstance(target[2], str):
                    yield from self._methods_of(self._suite.origins.of(scope, target[2]))


def _is_elsewhere(found: Mapping[str, Place], known: set[tuple[str, int]], scopes: list[Scope]) -> bool:
    """Whether a double is made in a helper, a decorator or a class that was not looked at here."""
    place = found.get(touches.DOUBLE)
    if place is None or (place.path, place.line) in known or place.note == "overrides a dependency":
        return False
    if place.note.startswith("@"):
        return False  # a patch, read with the test's doubles
    return not any(
        scope.path == place.path and scope.line <= place.line <= scope.end_line for scope in scopes
    )
