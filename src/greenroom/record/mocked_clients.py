"""Mocks that stand where a client library stood, and were used: a crossing through a double."""

import inspect
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from greenroom.model.place import Place
from greenroom.record.around import Arounds
from greenroom.record.clients.known import known_library
from greenroom.record.loaded_libraries import LoadedLibraries
from greenroom.record.opened_files import FILES
from greenroom.record.origin import caller, origin_of
from greenroom.record.sensor import Scene
from greenroom.record.shape import is_mock

Add = Callable[..., None]
_OPEN = open
"""As long as nobody has replaced it."""


class MockedClients:
    """Looks at what `unittest.mock` has put in the place of clients, once it is taken away or the test ends."""

    def __init__(self, arounds: Arounds, add: Add) -> None:
        self._arounds = arounds
        self._add = add
        self._scene: Scene | None = None
        self._standing: dict[int, tuple[Any, Any, Place | None]] = {}

    def prepare(self, scene: Scene, libraries: LoadedLibraries) -> None:
        """Have `unittest.mock` watched once it is loaded."""
        self._scene = scene
        libraries.once_loaded("unittest.mock", self._watch)

    def _watch(self, module: ModuleType) -> bool:
        patch = getattr(module, "_patch", None)
        if patch is None:
            return False
        self._arounds.put(patch, "__enter__", _Entering(self))
        self._arounds.put(patch, "__exit__", _Leaving(self))
        return True

    def entered(self, patch: Any) -> None:
        """Something was replaced."""
        scene = self._scene
        if scene is None or scene.test is None:
            return
        library = _library_of(patch.temp_original, patch.target)
        double = inspect.getattr_static(patch.target, patch.attribute, None)
        if isinstance(double, FunctionType):
            double = getattr(double, "mock", None)  # a function made by `create_autospec`
        if library is not None and is_mock(double):
            origin = origin_of(caller(3), scene.code, scene.test)
            if not origin.tool or origin.tool == "pytest-mock":
                self._standing[id(patch)] = (double, library, origin.place)

    def left(self, patch: Any) -> None:
        """It is being put back."""
        standing = self._standing.pop(id(patch), None)
        if standing is not None:
            self._judge(*standing)

    def look(self) -> None:
        """The test ends: whatever still stands belongs to it as far as it was used."""
        for double, library, place in tuple(self._standing.values()):
            self._judge(double, library, place)
        self._standing.clear()

    def _judge(self, double: Any, library: tuple[str, str], place: Place | None) -> None:
        times = len(double.mock_calls)
        if times:
            self._add(*library, _failure(double), place, times)


class _Entering:
    def __init__(self, mocked: MockedClients) -> None:
        self._mocked = mocked

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> Any:  # noqa: ARG002
        return args[0], args

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:  # noqa: ARG002
        if error is None:
            self._mocked.entered(token)


class _Leaving:
    def __init__(self, mocked: MockedClients) -> None:
        self._mocked = mocked

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> None:  # noqa: ARG002
        self._mocked.left(args[0])

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        """Never called."""


def _library_of(original: Any, owner: Any) -> tuple[str, str] | None:
    """The client library that the original belongs to."""
    for thing in (original, owner):
        if isinstance(thing, ModuleType):
            name = thing.__name__
        elif isinstance(thing, type):
            name = thing.__module__
        else:
            name = getattr(thing, "__module__", None) or type(thing).__module__
            if not known_library(str(name)):
                name = type(thing).__module__
        library = known_library(str(name))
        if library is not None:
            return library
        if thing is _OPEN:
            return FILES, FILES
    return None


def _failure(double: Any) -> str:
    """The exception that the mock, or a part of it which was called, was told to raise."""
    waiting, seen = [double], 0
    while waiting and seen < 200:
        part = waiting.pop()
        seen += 1
        effect = getattr(part, "side_effect", None)
        kind = effect if isinstance(effect, type) else type(effect)
        if issubclass(kind, BaseException) and getattr(part, "called", False):
            return (
                kind.__qualname__
                if kind.__module__ == "builtins"
                else f"{kind.__module__}.{kind.__qualname__}"
            )
        returned = vars(part).get("_mock_return_value")
        waiting.extend(
            each for each in (*vars(part).get("_mock_children", {}).values(), returned) if is_mock(each)
        )
    return ""
