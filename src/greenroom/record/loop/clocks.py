"""What time it is, and how much of it a thread had.

The clock is kept in a class: libraries that freeze time replace what they find in modules.
"""

import contextlib
import ctypes
import os
import platform
import time
from functools import cache
from threading import get_ident, get_native_id
from typing import Any, NamedTuple

_NANOSECOND = 1e-9
_NUMBERS = 3
"""That a `Reading` is made of."""
_LONGEST = 256
"""Bytes of a line of numbers."""
_Text = ctypes.c_char * _LONGEST
_YOUNG = 0.002
"""CPU seconds of a thread that has hardly begun to run: then it has hardly waited for a CPU, either."""
_RECENT = 0.005
"""Seconds for which a reading holds when a loop begins: asyncio.run runs its loop three times, one right after the other."""
_FUTEX = {"x86_64": b"202", "aarch64": b"98"}.get(platform.machine(), b"?")
"""The number of the system call that waits for a lock, as `/proc` shows it."""


@cache
def system_library() -> ctypes.PyDLL:
    """The functions of the system, called without letting go of the interpreter; each new one is a class more."""
    library = ctypes.PyDLL(None)
    library.pread.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_long)
    return library


class Clock:
    """The real clock, whoever freezes time."""

    now = staticmethod(time.perf_counter)
    """Seconds; only differences mean something."""
    process = staticmethod(time.process_time)
    """CPU seconds of the whole process."""
    thread = staticmethod(time.thread_time)
    """CPU seconds of the thread that asks."""


class Reading(NamedTuple):
    """What a thread had until now."""

    cpu: float
    """Seconds on a CPU."""
    queued: float
    """Seconds in which it could have run and the machine had no CPU for it."""
    slices: int = 0
    """How often it was put on a CPU."""


class ThreadClock:
    """The times of one thread, made in that thread, read from any."""

    def __init__(self) -> None:
        self._file = self._calls = -1
        self._thread = get_ident()
        self._native = get_native_id()
        self._pread: Any = None
        self._was_opened = False
        self._recent = (-1.0, Reading(0.0, 0.0))

    def begin(self) -> Reading:
        """What the thread, which asks itself, had until a loop began in it: near enough, and quick.

        Most loops of tests end before anybody asks again, many in a thread of their own; the system makes a
        file for each thread that is asked about, and that would be most of what the watch costs.
        """
        if not self._was_opened:
            used = Clock.thread()
            if used < _YOUNG:
                return Reading(used, 0.0)
        at, reading = self._recent
        return reading if 0.0 <= Clock.now() - at < _RECENT else self.read()

    def _open(self) -> None:
        self._was_opened = True
        with contextlib.suppress(OSError, AttributeError):
            self._file = os.open(f"/proc/self/task/{self._native}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
            # Without letting go of the interpreter: to get it back costs the loop more than all the rest.
            self._pread = system_library().pread

    def read(self) -> Reading:
        """Of the thread; zeros where the system tells nothing."""
        if not self._was_opened:
            self._open()
        if self._file >= 0:
            numbers = self._line(self._file)
            if len(numbers) != _NUMBERS:
                return Reading(0.0, 0.0)
            reading = Reading(int(numbers[0]) * _NANOSECOND, int(numbers[1]) * _NANOSECOND, int(numbers[2]))
            self._recent = (Clock.now(), reading)
            return reading
        if hasattr(time, "pthread_getcpuclockid"):
            return Reading(time.clock_gettime(time.pthread_getcpuclockid(self._thread)), 0.0)
        return Reading(0.0, 0.0)

    def waits_for_lock(self) -> bool | None:
        """Whether the thread is inside the system call for locks; None where nobody tells."""
        if self._calls < 0 <= self._file:
            with contextlib.suppress(OSError):  # few threads are ever asked
                self._calls = os.open(f"/proc/self/task/{self._native}/syscall", os.O_RDONLY | os.O_CLOEXEC)
        if self._calls < 0:
            return None
        return self._line(self._calls)[:1] == [_FUTEX]

    def _line(self, file: int) -> list[bytes]:
        """Read a small file, in memory of its own: two threads may read at once."""
        text = _Text()
        count = self._pread(file, text, _LONGEST, 0)
        return text.raw[: max(count, 0)].split()

    def close(self) -> None:
        """Give the descriptors back."""
        for file in (self._file, self._calls):
            if file >= 0:
                os.close(file)
        self._file = self._calls = -1
