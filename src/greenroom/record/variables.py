"""Names of environment variables that the project read; never their values."""

import _collections_abc
import dis
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from types import FrameType, ModuleType
from typing import Any

from greenroom.record.around import Arounds
from greenroom.record.loaded_libraries import LoadedLibraries
from greenroom.record.passed_over import PassedOver
from greenroom.record.sensor import Part, RunningTest, Scene
from greenroom.record.test_files import is_for_tests

_OS, _MAPPINGS = vars(os), vars(_collections_abc)
_ALL_OF_THEM = frozenset({"__iter__", "copy", "popitem", "__repr__", "__or__", "__ror__", "items", "values"})
"""Methods that go through all variables: nobody has asked for one by its name."""


def _lines_of_all(names: Mapping[str, Any]) -> Iterator[int]:
    """On which lines of a module stand the methods that go through all of a mapping."""
    for kind in names.values():
        for name in _ALL_OF_THEM if isinstance(kind, type) else ():
            code = getattr(vars(kind).get(name), "__code__", None)
            yield from (line for _, _, line in code.co_lines() if line) if code is not None else ()


_THEIR_LINES = {id(names): frozenset(_lines_of_all(names)) for names in (_OS, _MAPPINGS)}
"""To ask a frame for its line is no audit event, and to go through a whole environment asks for each variable."""
_COPYING = frozenset({"CALL", "CALL_KW", "CALL_FUNCTION_EX", "PRECALL", "DICT_UPDATE", "DICT_MERGE"})
"""Instructions that do the same: `dict(os.environ)`, `{**os.environ}`."""
_READERS = frozenset(
    {"decouple", "environ", "environs", "dynaconf", "prettyconf", "configargparse", "goodconf"}
)
"""Libraries that read what the project names to them."""
_READING_MODULES = frozenset({"starlette.config"})
_MOST = 500


class VariableSensor:
    """Stands around the look-up in `os.environ`, and around the one in pydantic's settings."""

    name = "variables"
    in_children = True

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._arounds = Arounds(self._complain)
        self._libraries = LoadedLibraries(self._complain)
        self._found: dict[str, None] = {}
        self._tests: dict[str, bool] = {}
        self._is_passed_over: Callable[[FrameType], bool] = lambda _: True
        self._passed_over: Callable[[Any], bool | None] = lambda _: True
        """The same of a file, as far as it is known."""

    def install(self, scene: Scene) -> None:
        """Patch the class of `os.environ`: the object stays what it is."""
        self._scene = scene
        self._is_passed_over = passed_over = PassedOver(scene.code, _reads_for_others)
        self._passed_over = passed_over.known.get
        self._arounds.put(type(os.environ), "__getitem__", _LookingUp(self))
        for module in ("pydantic_settings.sources.providers.env", "pydantic_settings.sources"):
            self._libraries.once_loaded(module, self._watch_settings)
        self._libraries.install()

    def _watch_settings(self, module: ModuleType) -> bool:
        owner = getattr(module, "EnvSettingsSource", None)
        if owner is not None and owner.__module__ == module.__name__:
            self._arounds.put(owner, "get_field_value", _ReadingField(self))
        return owner is not None

    def uninstall(self) -> None:
        """Put everything back."""
        self._libraries.uninstall()
        self._arounds.restore()

    def begin(self, test: RunningTest) -> None:  # noqa: ARG002
        """Another test."""
        self._found = {}

    def end(self, test: RunningTest) -> Part:  # noqa: ARG002
        """In the order in which they were first read."""
        if not self._found:
            return {}
        found, self._found = self._found, {}
        return {"variables": tuple(found)}

    def looked_up(self, name: str, frame: FrameType) -> None:
        """Somebody reads a variable; was it the project, or a library that reads for it?"""
        outer: FrameType | None = frame
        while outer is not None:
            names = outer.f_globals
            if names is not _OS and names is not _MAPPINGS:
                break
            outer = outer.f_back
        else:
            return
        if self._passed_over(names.get("__file__")) or self._is_passed_over(outer):
            return  # before any code is asked for, of which an audit event tells
        self._looked_up_behind(name, outer, is_direct=outer is frame)

    def _looked_up_behind(self, name: str, frame: FrameType, *, is_direct: bool) -> None:
        outer: FrameType | None = frame
        while outer is not None:
            if self._is_passed_over(outer):
                return
            if self._is_project(outer):
                break
            if not _reads_for_others(outer):
                return
            outer, is_direct = outer.f_back, False
        if outer is not None and not (is_direct and _is_copying(outer)) and self._is_production(outer):
            self.add(name)

    def wanted(self, names: list[str], frame: FrameType | None) -> None:
        """A class of settings asks for these, whoever of the project has made it."""
        while frame is not None and not self._is_project(frame):
            frame = frame.f_back
        if frame is not None:
            for name in names:
                self.add(name)

    def add(self, name: str) -> None:
        """Keep a name."""
        if name not in self._found and len(self._found) < _MOST:
            self._found[name] = None
            if self._scene is not None:
                self._scene.seen()

    @property
    def is_on(self) -> bool:
        """Whether a test runs."""
        return self._scene is not None and self._scene.test is not None

    def _is_project(self, frame: FrameType) -> bool:
        return self._scene is not None and self._scene.code.owns(frame.f_code)

    def _is_production(self, frame: FrameType) -> bool:
        file = frame.f_code.co_filename
        if file not in self._tests and self._scene is not None:
            self._tests[file] = is_for_tests(self._scene.code.relative(file))
        return not self._tests.get(file, True)

    def _complain(self, error: Exception) -> None:
        if self._scene is not None:
            self._scene.note(f"variables: {type(error).__name__}: {error}")


class _LookingUp:
    def __init__(self, sensor: VariableSensor) -> None:
        self._sensor = sensor

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> None:  # noqa: ARG002
        sensor, name = self._sensor, args[1]
        if isinstance(name, str) and name not in sensor._found and sensor.is_on:  # noqa: SLF001
            frame = sys._getframe(2)  # noqa: SLF001  - there is no other way to the caller
            if frame.f_lineno not in _THEIR_LINES.get(id(frame.f_globals), ()):
                sensor.looked_up(name, frame)

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        """Never called."""


class _ReadingField:
    def __init__(self, sensor: VariableSensor) -> None:
        self._sensor = sensor

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> None:
        sensor = self._sensor
        if sensor.is_on:
            source, field, name = (*args, *words.values())[:3]
            asked = [each[1] for each in source._extract_field_info(field, name)]  # noqa: SLF001
            if not getattr(source, "case_sensitive", True):
                asked = [each.upper() for each in asked]
            sensor.wanted(asked, sys._getframe(2))  # noqa: SLF001

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        """Never called."""


def _is_plumbing(frame: FrameType) -> bool:
    """By its module: to ask for a frame's code is an audit event."""
    return frame.f_globals is _OS or frame.f_globals is _MAPPINGS


def _reads_for_others(frame: FrameType) -> bool:
    if _is_plumbing(frame):
        return True
    module = str(frame.f_globals.get("__name__", ""))
    return module.partition(".")[0] in _READERS or module in _READING_MODULES


def _is_copying(frame: FrameType) -> bool:
    code = frame.f_code.co_code
    return dis.opname[code[frame.f_lasti]] in _COPYING if 0 <= frame.f_lasti < len(code) else False
