"""What tests put in the place of something else, with which tool, and whether it has the same shape."""

import functools
import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

from greenroom.model.place import Place
from greenroom.record.import_watch import ImportWatch
from greenroom.record.origin import Origin, caller, origin_of
from greenroom.record.role import BOUNDARY, role_of
from greenroom.record.sensor import Part, RunningTest, Scene
from greenroom.record.shape import Difference, difference, is_mock, is_placeholder, original_of
from greenroom.record.watched_call import WatchedMethods

_STANDS_FOR = {
    "aioresponses": "aiohttp.ClientSession", "moto": "botocore", "pytest-httpx": "httpx", "respx": "httpx",
    "requests-mock": "requests", "responses": "requests", "vcrpy": "http",
}  # fmt: skip
"""What is replaced as a whole, through several names."""

_RUNNERS = frozenset({"_pytest", "pytest", "pytest_asyncio", "anyio", "pluggy"})
"""What they replace in themselves is nobody's double."""


class _Double(NamedTuple):
    """A class whose objects are doubles without anything being patched."""

    module: str
    owner: str
    method: str
    target: str


class _Judged(NamedTuple):
    """What is found of one replacement."""

    shape: Difference
    role: str


_Key = tuple[str, str, str, str]
_Found = tuple[_Key, _Judged, Place | None]

_DOUBLES = (
    _Double("fakeredis", "FakeRedis", "__init__", "redis.Redis"),
    _Double("fakeredis", "FakeAsyncRedis", "__init__", "redis.asyncio.Redis"),
    _Double("mongomock", "MongoClient", "__init__", "pymongo.MongoClient"),
    _Double("requests_mock", "Mocker", "start", "requests"),
)
_TOOLS_OF_DOUBLES = {"requests_mock": "requests-mock"}
"""Where the tool is not called as its package."""

_WATCHED = ("unittest.mock", *{double.module for double in _DOUBLES})


class ReplacementSensor:
    """Sees `unittest.mock` and `monkeypatch` at work; libraries of doubles are built on them, or are known by name."""

    name = "replacements"
    in_children = False

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._methods = WatchedMethods(self._complain)
        self._imports: ImportWatch | None = None
        self._watched: set[str] = set()
        self._loaded = 0
        self._undo: list[Callable[[], None]] = []
        self._entered: dict[int, tuple[Origin, Any]] = {}
        """What is replaced just now, by the identity of its patch."""
        self._standing: dict[int, tuple[Any, _Found]] = {}
        """Of these, what was found of one at the end of a test, and will be at that of the next: the double and the rest."""
        self._last: _Found | None = None
        self._set: dict[tuple[int, int], Origin] = {}
        self._found: dict[_Key, tuple[_Judged, Place | None]] = {}

    def install(self, scene: Scene) -> None:
        """Watch what is imported already; the rest, once it is."""
        self._scene = scene
        self._watch_imported()
        missing = (name for name in _WATCHED if name not in sys.modules)
        self._imports = ImportWatch(missing, self._watch_imported)
        self._imports.install()

    def uninstall(self) -> None:
        """Leave everything as it was."""
        if self._imports is not None:
            self._imports.uninstall()
        self._methods.restore()
        for undo in reversed(self._undo):
            undo()

    def begin(self, test: RunningTest) -> None:  # noqa: ARG002
        """Another test."""
        self._found = {}
        if len(sys.modules) != self._loaded:
            self._loaded = len(sys.modules)
            self._watch_imported()

    def end(self, test: RunningTest) -> Part:  # noqa: ARG002
        """Everything that was replaced; what is not put back yet is so for the next test too."""
        for number, (origin, patch) in self._entered.items():
            if not self._is_known(number, patch):
                self._last = None
                self._compare_patch(origin, patch)
                self._remember(number, patch)
        if not self._found:
            return {}
        found, self._found = self._found, {}
        return {
            "replacements": tuple(
                {
                    "target": target, "by": by, "tool": tool, "double": double,
                    "missing": judged.shape.missing, "unlike": judged.shape.unlike, "role": judged.role,
                    "place": place,
                }
                for (target, by, tool, double), (judged, place) in found.items()
            )
        }  # fmt: skip

    def _watch_imported(self) -> None:
        for module, watch in (
            ("unittest.mock", self._watch_mock),
            ("_pytest.monkeypatch", self._watch_monkeypatch),
        ):
            if module in sys.modules and module not in self._watched:
                self._watched.add(module)
                watch(sys.modules[module])
        for module in {double.module for double in _DOUBLES} - self._watched:
            if module in sys.modules:
                self._watched.add(module)
                self._watch_doubles(module)

    def _watch_doubles(self, module: str) -> None:
        for double in _DOUBLES:
            kind = getattr(sys.modules[module], double.owner, None) if double.module == module else None
            lineage = kind.__mro__ if isinstance(kind, type) else ()
            owner = next((each for each in lineage if double.method in vars(each)), None)
            if owner is not None and owner.__module__.partition(".")[0] == module:
                self._watch_double(double, owner)

    def _watch_double(self, double: _Double, owner: type) -> None:
        tool = _TOOLS_OF_DOUBLES.get(double.module, double.module)
        self._methods.watch(owner, double.method, lambda made: self._made(made, double.target, tool))

    def _made(self, made: Any, target: str, tool: str) -> None:
        origin = self._origin(caller(3))
        kind = f"{type(made).__module__}.{type(made).__qualname__}"
        self._add(target, origin, tool, kind, _Judged(Difference(), BOUNDARY))

    def _watch_mock(self, module: Any) -> None:
        patch = module._patch  # noqa: SLF001  - there is no public name for what `patch` returns
        self._methods.watch(patch, "get_original", self._entering)
        original = patch.__exit__

        @functools.wraps(original)
        def leave(entered: Any, *error: Any) -> Any:
            self._leaving(entered)
            return original(entered, *error)

        patch.__exit__ = leave

        def undo() -> None:
            if patch.__exit__ is leave:
                patch.__exit__ = original

        self._undo.append(undo)

    def _entering(self, patch: Any) -> None:
        if patch is not None:
            self._entered[id(patch)] = self._origin(caller(2)), patch

    def _leaving(self, patch: Any) -> None:
        try:
            entered = self._entered.pop(id(patch), None)
            self._standing.pop(id(patch), None)
            if entered is not None:
                self._compare_patch(*entered)
        except Exception as error:  # noqa: BLE001  - the test must go on
            self._complain(error)

    def _compare_patch(self, origin: Origin, patch: Any) -> None:
        if hasattr(patch, "temp_original"):
            self._compare(patch.target, patch.attribute, patch.temp_original, origin, "unittest.mock")

    def _is_known(self, number: int, patch: Any) -> bool:
        """Whether the same double stands there still as when the test before ended; then it counts for this one, too."""
        double, found = self._standing.get(number, (None, None))
        if found is None or vars(patch.target).get(patch.attribute) is not double:
            return False
        self._keep(*found)
        return True

    def _remember(self, number: int, patch: Any) -> None:
        """What was found just now, where no use of the double makes a difference."""
        if self._last is not None and issubclass(type(patch.target), type | ModuleType):
            double = vars(patch.target).get(patch.attribute)
            if double is not None and not is_mock(double):
                self._standing[number] = double, self._last

    def _watch_monkeypatch(self, module: Any) -> None:
        self._methods.watch(module.MonkeyPatch, "setattr", self._setting)
        self._methods.watch(module.MonkeyPatch, "undo", self._undoing)

    def _setting(self, monkeypatch: Any) -> None:
        if monkeypatch is not None:
            self._set[id(monkeypatch), len(monkeypatch._setattr)] = self._origin(caller(2))  # noqa: SLF001

    def _undoing(self, monkeypatch: Any) -> None:
        try:
            for index, (owner, name, original) in enumerate(monkeypatch._setattr if monkeypatch else ()):  # noqa: SLF001
                origin = self._set.pop((id(monkeypatch), index), None)
                if origin is not None:
                    self._compare(owner, name, original, origin, "monkeypatch")
        except Exception as error:  # noqa: BLE001  - the test must go on
            self._complain(error)

    def _compare(self, owner: Any, name: str, original: Any, origin: Origin, tool: str) -> None:
        dotted = _dotted(owner)
        if not origin.by or dotted.partition(".")[0] in _RUNNERS or dotted.startswith("unittest.mock"):
            return
        double = inspect.getattr_static(owner, name, None)
        original = original_of(original, owner, name)
        found = Difference((name,)) if is_placeholder(original) else difference(double, original, owner)
        role = "" if self._scene is None else role_of(original, owner, self._scene.code)
        self._add(f"{dotted}.{name}", origin, origin.tool or tool, _kind(double), _Judged(found, role))

    def _add(self, target: str, origin: Origin, tool: str, double: str, judged: _Judged) -> None:
        if tool in _STANDS_FOR:
            target, double, judged = _STANDS_FOR[tool], tool, judged._replace(role=BOUNDARY)
        self._last = ((target, origin.by, tool, double), judged, origin.place)
        self._keep(*self._last)

    def _keep(self, key: _Key, judged: _Judged, place: Place | None) -> None:
        before = self._found.get(key)
        if before is not None:
            shapes = before[0].shape, judged.shape
            missing, unlike = (tuple(dict.fromkeys(one + other)) for one, other in zip(*shapes, strict=True))
            judged = judged._replace(shape=Difference(missing, unlike))
        self._found[key] = (judged, place)

    def _origin(self, frame: Any) -> Origin:
        if self._scene is None:
            return Origin("", None, "")
        return origin_of(frame, self._scene.code, self._scene.test)

    def _complain(self, error: Exception) -> None:
        if self._scene is not None:
            self._scene.note(f"a replacement was not understood: {type(error).__name__}: {error}")


def _dotted(owner: Any) -> str:
    if isinstance(owner, ModuleType):
        return owner.__name__
    kind = owner if isinstance(owner, type) else type(owner)
    return f"{kind.__module__}.{kind.__qualname__}"


def _kind(double: Any) -> str:
    kind = type(double)
    return (
        kind.__qualname__
        if kind.__module__ in ("builtins", "unittest.mock")
        else f"{kind.__module__}.{kind.__qualname__}"
    )
