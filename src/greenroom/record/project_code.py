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
        self._below = self.root.rstrip(os.sep) + os.sep
        self._installed = tuple(
            os.path.realpath(prefix) + os.sep
            for prefix in {sys.prefix, sys.base_prefix}
            if _is_below(prefix, self.root)
        )
        self._known: dict[str, str] = {}

    def relative(self, file: str) -> str:
        """The path below the root with forward slashes; empty for code that is not the project's."""
        known = self._known.get(file)
        if known is None:
            known = self._known[file] = self._relative(file)
        return known

    def _relative(self, file: str) -> str:
        if not file or file.startswith("<"):
            return ""
        path = os.path.realpath(file)
        if not path.startswith(self._below) or path.startswith(self._installed):
            return ""
        below = path[len(self._below) :].replace(os.sep, "/")
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
        return Place(path=self.relative(code.co_filename), line=frame.f_lineno or 1, symbol=symbol_of(code))

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


def _is_below(path: str, root: str) -> bool:
    return os.path.realpath(path).startswith(root.rstrip(os.sep) + os.sep)
