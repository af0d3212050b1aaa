"""Whether a process in which tests were collected may be forked."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from os import dup
from pathlib import Path

from greenroom.record.project_code import ProjectCode

_EVENTS = "anon_inode:[eventpoll]"


class Forking:
    """Compares the process with what it was before it imported anything of the project."""

    def __init__(self, code: ProjectCode) -> None:
        self._code = code
        self._before = set(_descriptors())

    def unsafe(self) -> list[str]:
        """Why forked processes would differ from this one, or disturb one another."""
        return [
            *(f"importing the tests starts a thread ({each.name})" for each in self._own_threads()),
            *sorted({f"importing the tests opens {what}" for what in self._shared_descriptors()}),
        ]

    def doubtful(self) -> bool:
        """Whether there are threads of libraries: most of these get over it, and the tests show whether they do."""
        return threading.active_count() > 1

    def _own_threads(self) -> Iterator[threading.Thread]:
        """Those in which code of the project runs: a forked process would be without them."""
        frames = sys._current_frames()  # noqa: SLF001  - documented, in spite of its name
        for each in threading.enumerate():
            if each is not threading.main_thread() and self._code.innermost(frames.get(each.ident or 0)):
                yield each

    def _shared_descriptors(self) -> Iterator[str]:
        for number, what in set(_descriptors()) - self._before:
            if what == _EVENTS:
                yield "an event loop"
            elif what.startswith("socket:") and _is_connected(int(number)):
                yield "a connection"


def _descriptors() -> Iterator[tuple[str, str]]:
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            yield entry.name, str(entry.readlink())


def _is_connected(number: int) -> bool:
    """To another process; a pair of sockets of one's own has no address."""
    with suppress(OSError), socket.socket(fileno=dup(number)) as copy:
        return bool(copy.getpeername())
    return False
