"""What of the process a test may leave changed: containers, values and caches of the project's modules and classes.

Only what some function of the project or of its tests can change is looked at: names that a code object binds
globally, sets on something, or mentions while it changes containers. Code is read once, as the interpreter keeps it.
"""

import sys
from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper
from operator import is_
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple
from weakref import ref

from greenroom.record.likeness import CONTAINERS, Glance, Mark, mark_of
from greenroom.record.project_code import ProjectCode
from greenroom.record.test_files import is_for_tests
from greenroom.record.words import KNOWN_FILES, Words, words_of

_MOST = 200
"""Names that are looked at after each test."""
_NEVER = (FunctionType, ModuleType, type, staticmethod, classmethod, property)


class Thing(NamedTuple):
    """Something that may be changed."""

    kind: str
    """`container`, `attribute` or `cache`."""
    name: str
    """`shop.cart.ITEMS`."""


class Spot(NamedTuple):
    """Where it is found."""

    thing: Thing
    holder: "ref[Any]"
    attribute: str

    def value(self) -> Any:
        """What stands there now; None where its module or class is gone."""
        held = self.holder()
        return None if held is None else held.__dict__.get(self.attribute)


class ProjectState:
    """Knows what to look at, learns of modules as they come, and keeps none of them alive."""

    def __init__(self, code: ProjectCode) -> None:
        self._code = code
        self._seen: set[str] = set()
        self._changing: set[str] = set()
        self._binding: set[str] = set()
        self._candidates: dict[str, list[Spot]] = {}
        self._containers: set[int] = set()
        """Identities of those that were met, by the first name under which they were."""
        self._spots: dict[Thing, Spot] = {}
        """Grows only at its end."""
        self._places: list[tuple[Callable[[], Any], str]] = []
        """Where the spots are, in their order."""
        self._glance: Glance | None = None
        self._marks: list[Mark] = []
        self._caches: list[tuple[int, Spot]] = []

    def learn(self) -> None:
        """Read the code of modules that were loaded since."""
        if len(sys.modules) == len(self._seen):
            return
        has_read = False
        names = [name for name in tuple(sys.modules) if name not in self._seen]
        self._seen = set(sys.modules)
        for name in names:
            module = sys.modules.get(name)
            if type(module) is ModuleType:  # others load, or do, something when they are asked
                file = str(module.__dict__.get("__file__") or "")
                path = self._code.relative(file)
                if path:
                    has_read = True
                    self._read(module, file, is_test=is_for_tests(path))
        if has_read:
            self._choose()

    @property
    def things(self) -> tuple[Thing, ...]:
        """What is looked at; later ones come behind."""
        return tuple(self._spots)

    def marks(self) -> list[Mark]:
        """What each of the things is like now; the list of the last time where nothing has changed."""
        values = self._values()
        try:
            if self._glance is None or not self._glance.still_holds(values):
                self._marks = list(map(mark_of, values))
                self._glance = Glance(values)
        except RuntimeError:  # another thread changes one of them
            self._marks, self._glance = list(map(mark_of, values)), None
        return self._marks

    def _values(self) -> list[Any]:
        try:
            return [holder().__dict__[attribute] for holder, attribute in self._places]
        except (AttributeError, KeyError):  # a module, a class or a name is gone
            return [spot.value() for spot in self._spots.values()]

    def caches(self) -> list[tuple[int, Thing, Any]]:
        """Those of `functools` that are still there, and where they stand among the things."""
        found = ((at, spot.thing, spot.value()) for at, spot in self._caches)
        return [each for each in found if type(each[2]) is _lru_cache_wrapper]

    def _read(self, module: ModuleType, file: str, *, is_test: bool) -> None:
        words = KNOWN_FILES.get(file)
        if words is not None:
            self._take(words, is_test=is_test)
            if is_test:
                return
        for holder in (module, *_classes_of(module)):
            for attribute, value in tuple(vars(holder).items()):
                if words is None:
                    self._take_functions(value, is_test=is_test)
                if not is_test and not attribute.startswith("__") and not issubclass(type(value), _NEVER):
                    self._keep(holder, attribute, value)

    def _take_functions(self, value: Any, *, is_test: bool) -> None:
        """Of a module whose code was not read while it was loaded."""
        for code in _codes_of(value):
            if code.co_filename not in KNOWN_FILES and self._code.owns(code):
                words = words_of(code)
                self._take(words, is_test=is_test)
                KNOWN_FILES.have_coroutines |= words.has_coroutines

    def _take(self, words: Words, *, is_test: bool) -> None:
        self._changing |= words.changing
        self._binding |= words.binding
        if is_test:
            self._binding |= words.set_by_methods

    def _keep(self, holder: Any, attribute: str, value: Any) -> None:
        is_module = type(holder) is ModuleType
        owner = holder.__name__ if is_module else f"{holder.__module__}.{holder.__qualname__}"
        kind = _kind_of(value)
        if kind == "cache" and value.__module__ != owner:
            return  # imported from where it is made
        if kind == "container":
            if id(value) in self._containers:
                return  # imported from another module
            self._containers.add(id(value))
        spot = Spot(Thing(kind, f"{owner}.{attribute}"), ref(holder), attribute)
        self._candidates.setdefault(attribute, []).append(spot)

    def _choose(self) -> None:
        chosen = [
            spot
            for attribute, spots in self._candidates.items()
            for spot in spots
            if self._is_changing(attribute, spot.thing.kind)
        ]
        before = tuple(self._spots.values())
        for spot in sorted(chosen, key=_holder_of):
            if spot.thing in self._spots or len(self._spots) < _MOST:
                self._spots[spot.thing] = spot
        after = tuple(self._spots.values())
        if len(after) == len(before) and all(map(is_, before, after)):
            return
        self._caches = [(at, spot) for at, spot in enumerate(after) if spot.thing.kind == "cache"]
        self._places = [(spot.holder, spot.attribute) for spot in after]
        self._glance = None

    def _is_changing(self, attribute: str, kind: str) -> bool:
        if kind == "cache" or attribute in self._binding:
            return True
        return kind == "container" and attribute in self._changing


def _holder_of(spot: Spot) -> str:
    return spot.thing.name.rpartition(".")[0]


def _classes_of(module: ModuleType) -> Iterator[type]:
    for value in tuple(vars(module).values()):
        if issubclass(type(value), type) and value.__module__ == module.__name__:
            yield value


def _kind_of(value: Any) -> str:
    if type(value) is _lru_cache_wrapper:
        return "cache"
    return "container" if type(value) in CONTAINERS else "attribute"


def _codes_of(value: Any) -> Iterator[CodeType]:
    """Of a function, also behind decorators that say what they stand for, and of what a class makes of it.

    By their types alone: a proxy that is asked for its class asks what it stands for.
    """
    kind = type(value)
    for each in (value.fget, value.fset) if kind is property else (value,):
        function = each.__func__ if kind in (staticmethod, classmethod) else each
        for _ in range(5):
            if type(function) is FunctionType:
                yield function.__code__
            elif type(function) is not _lru_cache_wrapper:
                break
            function = function.__dict__.get("__wrapped__")
