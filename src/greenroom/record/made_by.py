"""Who makes a thing right now, and whether a fixture that outlives the test owns it."""

import sys
import threading
from types import FrameType
from typing import NamedTuple
from weakref import WeakSet

from greenroom.model.place import Place
from greenroom.record.passed_over import PassedOver
from greenroom.record.project_code import ProjectCode

_FIXTURE = "pytest_fixture_setup"
_BODY = frozenset({"pytest_pyfunc_call", "pytest_runtest_call"})
_LANDMARKS = _BODY | {_FIXTURE}

_BETWEEN = frozenset({"threading", "concurrent", "asyncio", "uvloop", "greenroom"})
"""Modules between a thread that starts and who wants it."""
_KEEPING = frozenset({"asgiref"})


class Maker(NamedTuple):
    """Where something was made."""

    place: Place | None
    is_lasting: bool
    """By a fixture of a wider scope than the test's, or in a thread which one has started."""


class Makers:
    """Reads it from the stack."""

    def __init__(self, code: ProjectCode) -> None:
        self._code = code
        self._is_passed_over = PassedOver(code, lambda frame: not _LANDMARKS.isdisjoint(frame.f_globals))
        self._lasting: WeakSet[threading.Thread] = WeakSet()

    def here(self, depth: int) -> Maker:
        """Look from so many frames above the caller."""
        frame: FrameType | None = sys._getframe(depth + 1)  # noqa: SLF001  - there is no other way
        place, relative, is_passed_over = None, self._code.relative, self._is_passed_over
        while frame is not None:
            if is_passed_over(frame):
                frame = frame.f_back
                continue
            code = frame.f_code
            name = code.co_name
            if name == _FIXTURE:
                fixture = frame.f_locals.get("fixturedef")
                return Maker(place, getattr(fixture, "scope", "function") != "function")
            if name in _BODY:
                return Maker(place, is_lasting=False)
            if place is None and relative(code.co_filename):
                place = self._code.place_of(frame)
            frame = frame.f_back
        return Maker(place, threading.current_thread() in self._lasting)

    def keep(self, thread: threading.Thread) -> None:
        """What this thread makes lasts as long as it does."""
        self._lasting.add(thread)


def is_kept_by_library(frame: FrameType | None) -> bool:
    """Whether a library that keeps its worker for the process, as asgiref does, starts this thread."""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if module not in _BETWEEN:
            return module in _KEEPING
        frame = frame.f_back
    return False
