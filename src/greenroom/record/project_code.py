"""Which code is the project's, asked of running frames."""

import os
import sys
from types import CodeType, FrameType

from greenroom.model.place import Place

_FOREIGN = frozenset(
    {"site-packages", "dist-packages", "node_modules", ".greenroom", ".tox", ".nox", ".eggs"}
)


class ProjectCode:
    """The files below the project's root, without what is installed there."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        spelled = {self.root, os.path.abspath(root)}  # noqa: PTH100  - a Path would follow what is not a symbolic link
        self._below = tuple(each.rstrip(os.sep) + os.sep for each in spelled)
        self._installed = tuple(
            each.rstrip(os.sep) + os.sep
            for prefix in (sys.prefix, sys.base_prefix)
            for each in {os.path.realpath(prefix), prefix}
            if each.startswith(self._below)
        )
        self._here = os.getcwd() + os.sep  # noqa: PTH109
        self._known: dict[str, str] = {}
        self._places: dict[tuple[str, int | None, str], Place] = {}
        self._marked: dict[tuple[str, int, str, int], Place] = {}

    def relative(self, file: str) -> str:
        """The path below the root with forward slashes; empty for code that is not the project's.

        Of the text alone: a test may have forbidden, or replaced, what asks the system.
        """
        known = self._known.get(file)
        if known is None:
            known = self._known[file] = self._relative(file)
        return known

    def _relative(self, file: str) -> str:
        if not file or file.startswith("<"):
            return ""
        path = file if file.startswith(os.sep) or file[1:2] == ":" else self._here + file
        path = _without_dots(path)
        root = next((below for below in self._below if path.startswith(below)), "")
        if not root or path.startswith(self._installed):
            return ""
        below = path[len(root) :].replace(os.sep, "/")
        return "" if _FOREIGN.intersection(below.split("/")) else below

    def owns(self, code: CodeType) -> bool:
        """Whether this code is the project's."""
        return bool(self.relative(code.co_filename))

    def innermost(self, frame: FrameType | None) -> FrameType | None:
        """The first frame of the project from here outwards."""
        while frame is not None and not self.relative(frame.f_code.co_filename):
            frame = frame.f_back
        return frame

    def place(self, frame: FrameType | None) -> Place | None:
        """The innermost line of the project, from this frame outwards."""
        inner = self.innermost(frame)
        return None if inner is None else self.place_of(inner)

    def place_of(self, frame: FrameType) -> Place:
        """The line at which a frame of the project stands."""
        code = frame.f_code
        key = code.co_filename, frame.f_lineno, code.co_qualname
        known = self._places.get(key)
        if known is None:
            path = self.relative(code.co_filename)
            known = self._places[key] = Place(path=path, line=key[1] or 1, symbol=symbol_of(code))
        return known

    def place_at(self, file: str, line: int, symbol: str, column: int) -> Place:
        """What stands in a file of the project, as its marks and checks know it."""
        key = file, line, symbol, column
        known = self._marked.get(key)
        if known is None:
            path = self.relative(file)
            known = self._marked[key] = Place(path=path, line=line, symbol=symbol, column=column)
        return known

    def chain(self, frame: FrameType | None) -> tuple[Place, ...]:
        """All frames of the project from this one outwards, the outermost first."""
        found = []
        while frame is not None:
            if self.relative(frame.f_code.co_filename):
                found.append(self.place_of(frame))
            frame = frame.f_back
        return tuple(reversed(found))


def symbol_of(code: CodeType) -> str:
    """The qualified name of a function as `Place` has it; empty at module level."""
    name = code.co_qualname
    return "" if name == "<module>" else name.replace(".<locals>", "")


def _without_dots(path: str) -> str:
    """As it would be spelled without `.` and `..`."""
    if f"{os.sep}." not in path and f"{os.sep}{os.sep}" not in path:
        return path
    parts: list[str] = []
    for part in path.split(os.sep):  # noqa: PTH206
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", ".", ".."):
            parts.append(part)
    return (os.sep if path.startswith(os.sep) else "") + os.sep.join(parts)  # noqa: PTH118
