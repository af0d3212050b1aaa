"""Whether an import has made something that a copy of this process must not share: a folder, a port, a name after the worker."""

import os
import sys
import tempfile
from collections.abc import Callable
from types import FrameType
from typing import Any

from greenroom.record.audit_events import listen, listen_no_longer

NUMBER = "PYTEST_XDIST_WORKER"
"""Of the environment: the worker's number, as pytest-xdist has it."""
_MADE = ("tempfile.mkdtemp", "tempfile.mkstemp", "socket.bind")
"""Events of Python's auditing."""
_IMPORT = "<frozen importlib._bootstrap>"


class Unique:
    """Looks at this process while it imports the project."""

    def __init__(self, relative: Callable[[str], str]) -> None:
        """Prepare.

        Args:
            relative: From a code's file name to a path below the root; empty for what is not the project's.
        """
        self.is_so = False
        """Whether it has made such a thing."""
        self._relative = relative
        self._usual = type(os.environ)

    def start(self) -> None:
        """Look from here on."""
        usual = self._usual

        class Watched(usual):  # type: ignore[misc, valid-type]
            def __getitem__(variables, name: str) -> str:  # noqa: N805
                self.is_so |= name == NUMBER
                return usual.__getitem__(variables, name)

        tempfile.gettempdir()  # to find out where one may write takes a file
        for event in _MADE:
            listen(event, self._making)
        os.environ.__class__ = Watched

    def stop(self) -> None:
        """Look no more."""
        for event in _MADE:
            listen_no_longer(event, self._making)
        if type(os.environ) is not self._usual:
            os.environ.__class__ = self._usual

    def _making(self, _arguments: tuple[Any, ...]) -> None:
        self.is_so |= self._is_asked_by_project(sys._getframe(2))  # noqa: SLF001  - whoever raised the event

    def _is_asked_by_project(self, frame: FrameType | None) -> bool:
        """Whether code of the project called for it, be it through a library; not one that tries something while it is imported itself."""
        while frame is not None and frame.f_code.co_filename != _IMPORT:
            if self._relative(frame.f_code.co_filename):
                return True
            frame = frame.f_back
        return False
