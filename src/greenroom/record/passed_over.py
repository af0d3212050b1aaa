"""Frames of libraries, which a walk up the stack passes over without asking for their code.

The interpreter tells every audit hook of each time that somebody asks for a frame's code, and of nothing else of a
frame: a walk that asks for the module alone takes a third of the time.
"""

from collections.abc import Callable
from types import FrameType

from greenroom.record.project_code import ProjectCode


class PassedOver:
    """Which frames are of no interest; remembered by the files of their modules."""

    def __init__(self, code: ProjectCode, is_wanted: Callable[[FrameType], bool]) -> None:
        """Take what says of a frame of somebody else's module whether the walk looks at such frames all the same."""
        self._code = code
        self._is_wanted = is_wanted
        self.known: dict[str | None, bool] = {}
        """By file. A long walk looks here first, as a call for each frame would be most of what it takes."""

    def __call__(self, frame: FrameType) -> bool:
        """Whether it can be passed over; never, where its module does not say which file it is."""
        file = frame.f_globals.get("__file__")
        try:
            return self.known[file]
        except KeyError:
            is_elsewhere = isinstance(file, str) and file != "" and not self._code.relative(file)
            self.known[file] = found = is_elsewhere and not self._is_wanted(frame)
            return found
