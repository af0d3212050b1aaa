"""Files that are opened while a test runs, as far as they are something that the project crosses."""

import os
import stat
import sys
from typing import Any

from greenroom.record.sensor import Scene

FILES = "file"
"""The kind of such a crossing, and in the place of a library: whoever opens a file opens it by the system."""
_CODE = (".py", ".pyc", ".pyi", ".so", ".pth", ".pyd")
_OF_THE_SYSTEM = ("/proc/", "/dev/", "/sys/", "/etc/", "/usr/", "<")
_INSTALLED = frozenset(
    {"site-packages", "dist-packages", ".greenroom", "__pycache__", ".git", ".pytest_cache"}
)
_MOST = 10_000
"""Paths that are remembered."""
_LIBRARY = f"{os.path.dirname(os.__file__)}/"  # noqa: PTH120  - `sysconfig` reads a file of its own to say so


class OpenedFiles:
    """Says of a path whether it is of interest."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._known: dict[Any, bool] = {}

    def is_of_interest(self, path: Any) -> bool:
        """No descriptor, no code, nothing of the system, of what is installed, or of a tool."""
        known = self._known.get(path)
        if known is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            known = self._known[path] = isinstance(path, str | bytes) and self._is_data(os.fsdecode(path))
        return known

    def _is_data(self, path: str) -> bool:
        if path.endswith(_CODE) or path.startswith((*_OF_THE_SYSTEM, _LIBRARY, sys.base_prefix + "/lib/")):
            return False
        return _INSTALLED.isdisjoint(path.split("/")) and not path.startswith(self._scene.folder)

    def described(self, path: Any, mode: Any, flags: int) -> tuple[str, str] | None:
        """The path, below the project's root if it is there, and the failure that opening it will end with.

        What asking for the file tells: the event comes before it is opened. None of a folder, nor where
        nobody knows to which folder a path is relative (`dir_fd`).
        """
        text = os.fsdecode(path)
        failure = ""
        try:
            if stat.S_ISDIR(os.stat(text).st_mode):  # noqa: PTH116
                return None
        except OSError as error:
            if mode is None and not os.path.isabs(text):  # noqa: PTH117
                return None
            failure = _failure_of_folder(text) if flags & os.O_CREAT else type(error).__name__
        return self._scene.code.relative(text) or text, failure


def _failure_of_folder(path: str) -> str:
    try:
        os.stat(os.path.dirname(path) or ".")  # noqa: PTH116, PTH120
    except OSError as error:
        return type(error).__name__
    return ""
