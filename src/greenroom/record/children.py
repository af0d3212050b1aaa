"""Processes that a test starts with a path of their own for Python: they join the run all the same.

Who passes on the environment of the tests, and only sets `PYTHONPATH` anew, would lose them. Who passes on
nothing of it wants a process without us, and gets it.
"""

import os
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from greenroom.record import environment
from greenroom.record.around import Arounds
from greenroom.record.loaded_libraries import LoadedLibraries
from greenroom.record.sensor import Part, RunningTest, Scene

_PLACE = 7
"""Of `env` among the arguments of `Popen._execute_child`, `self` being the first."""


class ChildrenSensor:
    """Sees nothing itself; has child processes see."""

    name = "children"
    in_children = True

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._arounds = Arounds(self._complain)
        self._libraries = LoadedLibraries(self._complain)

    def install(self, scene: Scene) -> None:
        """Stand around the place where a process is made of its arguments."""
        self._scene = scene
        self._libraries.once_loaded("subprocess", self._watch)
        self._libraries.install()

    def _watch(self, module: ModuleType) -> bool:
        owner = getattr(module, "Popen", None)
        if owner is not None:
            self._arounds.put(owner, "_execute_child", _Starting())
        return owner is not None

    def uninstall(self) -> None:
        """Put it back."""
        self._libraries.uninstall()
        self._arounds.restore()

    def begin(self, test: RunningTest) -> None:
        """Another test."""

    def end(self, test: RunningTest) -> Part:  # noqa: ARG002
        """Nothing by itself."""
        return {}

    def _complain(self, error: Exception) -> None:
        if self._scene is not None:
            self._scene.note(f"children: {type(error).__name__}: {error}")


class _Starting:
    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> tuple[Any, tuple[Any, ...]] | None:
        given = args[_PLACE] if len(args) > _PLACE and not words else None
        if not isinstance(given, Mapping) or environment.RUN not in given:
            return None
        paths = str(given.get("PYTHONPATH", "")).split(os.pathsep)
        if environment.CHILD_FOLDER in paths:
            return None
        changed = dict(given)
        environment.announce(changed, str(given[environment.RUN]))
        return True, (*args[:_PLACE], changed, *args[_PLACE + 1 :])

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        """There is nothing to do."""
