"""What time it is, and how much of it a thread had.

The clock is kept in a class: libraries that freeze time replace what they find in modules.
"""

import contextlib
import ctypes
import os
import platform
import time
from dataclasses import dataclass
from threading import get_ident, get_native_id
from typing import Any

_NANOSECOND = 1e-9
_LONGEST = 96
"""Bytes of three numbers."""
_FUTEX = {"x86_64": b"202", "aarch64": b"98"}.get(platform.machine(), b"?")
"""The number of the system call that waits for a lock, as `/proc` shows it."""


class Clock:
    """The real clock, whoever freezes time."""

    now = staticmethod(time.perf_counter)
    """Seconds; only differences mean something."""
    process = staticmethod(time.process_time)
    """CPU seconds of the whole process."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a thread had until now."""

    cpu: float
    """Seconds on a CPU."""
    queued: float
    """Seconds in which it could have run and the machine had no CPU for it."""


class ThreadClock:
    """The times of one thread, made in that thread, read from any."""

    def __init__(self) -> None:
        self._file = -1
        self._thread = get_ident()
        self._native = get_native_id()
        self._text = ctypes.create_string_buffer(_LONGEST)
        self._pread: Any = None
        with contextlib.suppress(OSError, AttributeError):
            self._file = os.open(f"/proc/self/task/{self._native}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
            # Without letting go of the interpreter: to get it back costs the loop more than all the rest.
            self._pread = ctypes.PyDLL(None).pread
            self._pread.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_long)

    def read(self) -> Reading:
        """Of the thread; zeros where the system tells nothing."""
        if self._file >= 0:
            if self._pread(self._file, self._text, _LONGEST - 1, 0) <= 0:
                return Reading(0.0, 0.0)
            cpu, queued, _ = self._text.value.split(None, 2)
            return Reading(int(cpu) * _NANOSECOND, int(queued) * _NANOSECOND)
        if hasattr(time, "pthread_getcpuclockid"):
            return Reading(time.clock_gettime(time.pthread_getcpuclockid(self._thread)), 0.0)
        return Reading(0.0, 0.0)

    def waits_for_lock(self) -> bool | None:
        """Whether the thread is inside the system call for locks; None where nobody tells."""
        try:
            file = os.open(f"/proc/self/task/{self._native}/syscall", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            return os.read(file, 16).split()[:1] == [_FUTEX]
        except OSError:
            return None
        finally:
            os.close(file)

    def close(self) -> None:
        """Give the descriptor back."""
        if self._file >= 0:
            os.close(self._file)
            self._file, self._pread = -1, None
