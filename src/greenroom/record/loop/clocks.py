"""What time it is, and how much of it a thread had.

The clock is kept in a class: libraries that freeze time replace what they find in modules.
"""

import os
import platform
import time
from dataclasses import dataclass
from threading import get_ident, get_native_id

_NANOSECOND = 1e-9
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
        self._thread = get_ident()
        self._native = get_native_id()
        try:
            self._file = os.open(f"/proc/self/task/{self._native}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._file = -1

    def read(self) -> Reading:
        """Of the thread; zeros where the system tells nothing."""
        if self._file >= 0:
            try:
                cpu, queued, _ = os.pread(self._file, 64, 0).split()
                return Reading(int(cpu) * _NANOSECOND, int(queued) * _NANOSECOND)
            except (OSError, ValueError):
                return Reading(0.0, 0.0)
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
            self._file = -1
