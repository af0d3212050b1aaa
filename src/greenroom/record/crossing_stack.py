"""Who is behind a call into a client library, told from the stack."""

import sys
from types import FrameType
from typing import NamedTuple

from greenroom.record.clients.known import known_library
from greenroom.record.passed_over import PassedOver
from greenroom.record.project_code import ProjectCode

_PROJECT = ("", "")
_RUNNER = ("runner", "")
_RUNNERS = frozenset({"_pytest.runner", "unittest.suite"})
"""Modules that call fixtures and tests, and nobody else: what stands further out has to do with none of them."""


class Behind(NamedTuple):
    """What stands on the stack between here and the project's code."""

    frame: FrameType | None
    """The innermost frame of the project; None: another thread's or loop's work."""
    library: tuple[str, str] | None
    """The outermost client library below it, and its kind: the one that the project called."""


class CrossingStack:
    """Reads the stack, and remembers what it has learnt of files."""

    def __init__(self, code: ProjectCode) -> None:
        self._code = code
        self._known: dict[str, tuple[str, str] | None] = {}
        self._is_passed_over = PassedOver(code, lambda frame: _library_of(frame) is not None)

    def behind(self, depth: int) -> Behind:
        """Look from so many frames above the caller."""
        frame: FrameType | None = sys._getframe(depth + 1)  # noqa: SLF001  - there is no other way
        library, waiting, passed = None, None, None
        passed_over = self._is_passed_over.known.get
        while frame is not None:
            names = frame.f_globals
            if names is not passed:  # several frames of one module often follow each other
                if passed_over(names.get("__file__")) or self._is_passed_over(frame):
                    passed = names
                else:
                    found = self._of(frame)
                    if found is _PROJECT:
                        return Behind(frame, library)
                    if found is _RUNNER:
                        break
                    library = found or library
            frame = frame.f_back
            if frame is None and waiting is None:
                waiting = _waiting_greenlets()
            while frame is None and waiting:
                frame = waiting.pop()
        return Behind(None, library)

    def _of(self, frame: FrameType) -> tuple[str, str] | None:
        file = frame.f_code.co_filename
        try:
            return self._known[file]
        except KeyError:
            found = self._known[file] = _PROJECT if self._code.relative(file) else _library_of(frame)
            return found


def _library_of(frame: FrameType) -> tuple[str, str] | None:
    name = str(frame.f_globals.get("__name__", ""))
    return _RUNNER if name in _RUNNERS else known_library(name)


def _waiting_greenlets() -> list[FrameType | None]:
    """Where those greenlets stand that wait for this one, the nearest last: SQLAlchemy's drivers are called so."""
    module = sys.modules.get("greenlet")
    found: list[FrameType | None] = []
    outer = module.getcurrent().parent if module is not None else None
    while outer is not None:
        found.insert(0, outer.gr_frame)
        outer = outer.parent
    return found
