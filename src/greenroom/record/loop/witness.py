"""The stack of a thread at a moment when nobody could run Python to look: the interpreter was held.

A POSIX timer, moved on again and again while all is well, sends that thread a signal when nobody moved it
in time; `faulthandler` answers it in C, without the interpreter, with the stack of the very thread that
stands still. So there is no walk over frames that move, which `faulthandler.dump_traceback_later` can
crash on. The timer counts the thread's own CPU time: it never interrupts a system call that waits.

Linux only; elsewhere the stack is read as soon as the interpreter is free again, which is the same line
wherever what held it was a call, and may be one of the next lines after a long operator.
"""

import contextlib
import ctypes
import faulthandler
import os
import signal
import sys
from threading import get_native_id
from typing import NamedTuple

from greenroom.record.loop.clocks import system_library

_THREAD_TIME = 3
"""`CLOCK_THREAD_CPUTIME_ID`."""
_TO_THREAD = 4
"""`SIGEV_THREAD_ID`."""
_LONGEST_DUMP = 64 * 1024


class _Event(ctypes.Structure):
    """`struct sigevent`."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("thread", ctypes.c_int),
        ("padding", ctypes.c_char * 64),
    )


class _Due(ctypes.Structure):
    """`struct itimerspec`: how often, and when."""

    _fields_ = tuple(
        (name, ctypes.c_long) for name in ("every_seconds", "every_nano", "seconds", "nano")
    )  # fmt: skip


class Dump(NamedTuple):
    """A signal, and the file to which whoever gets it has its stack written."""

    signal: int
    file: int

    def read(self) -> str:
        """Take what was written since it was read last."""
        if not os.fstat(self.file).st_size:
            return ""
        text = os.pread(self.file, _LONGEST_DUMP, 0).decode(errors="replace")
        os.ftruncate(self.file, 0)
        os.lseek(self.file, 0, os.SEEK_SET)
        return text


class Dumps:
    """Signals that are set up, and kept for the next thread: tests run one loop after the other."""

    def __init__(self) -> None:
        self._free: list[Dump] = []

    def take(self) -> Dump | None:
        """Take one; None where all signals are taken."""
        if self._free:
            return self._free.pop()
        number = _free_signal()
        if not number:
            return None
        file = os.memfd_create("greenroom-witness")
        faulthandler.register(number, file=file, all_threads=False, chain=False)
        return Dump(number, file)

    def give_back(self, dump: Dump) -> None:
        """Take one that nobody will send any more."""
        dump.read()
        self._free.append(dump)

    def close(self) -> None:
        """Give all that are not in use to the system."""
        while self._free:
            dump = self._free.pop()
            faulthandler.unregister(dump.signal)
            os.close(dump.file)


class Witness:
    """One thread's timer; made in that thread."""

    def __init__(self, dumps: Dumps) -> None:
        self._dumps = dumps
        self._dump: Dump | None = None
        self._timer = ctypes.c_void_p()
        self._due = _Due()
        self._never = _Due()
        self._seconds = 0.0
        self._is_armed = False
        self._libc: ctypes.PyDLL | None = None
        if sys.platform == "linux":
            with contextlib.suppress(OSError, AttributeError, ValueError, RuntimeError):
                self._open()

    def _open(self) -> None:
        self._dump = dump = self._dumps.take()
        if dump is None:
            return
        libc = system_library()
        event = _Event(signal=dump.signal, notify=_TO_THREAD, thread=get_native_id())
        if libc.timer_create(_THREAD_TIME, ctypes.byref(event), ctypes.byref(self._timer)) == 0:
            self._libc = libc

    def expect(self, seconds: float) -> None:
        """Dump the stack after so many CPU seconds, unless this is called again before; 0: never."""
        if self._libc is None:
            return
        if seconds and seconds != self._seconds:
            self._seconds = seconds
            self._due.seconds, self._due.nano = int(seconds), int(seconds % 1 * 1e9)
        self._is_armed = seconds > 0
        self._libc.timer_settime(self._timer, 0, ctypes.byref(self._due if seconds else self._never), None)

    def read(self) -> str:
        """Take what was dumped since it was read last."""
        return "" if self._dump is None else self._dump.read()

    def close(self, *, here: bool) -> None:
        """Take it away.

        Args:
            here: This is the thread that was watched. Only then, or where nothing was expected any more, is
                it certain that no signal is still on its way, and the handler, without which a signal would
                end the process, can go, too.
        """
        if self._libc is not None:
            self._libc.timer_delete(self._timer)
            self._libc = None
        if (here or not self._is_armed) and self._dump is not None:
            dump, self._dump = self._dump, None
            self._dumps.give_back(dump)


def _free_signal() -> int:
    """Find a real-time signal that nobody has taken.

    The kernel is asked, since Python knows nothing of handlers that C code, `faulthandler` among it, has set.
    """
    taken = 0
    with open("/proc/self/status", "rb") as file:  # noqa: PTH123  - light, and nothing of the tests' own
        for row in file:
            if row.startswith((b"SigIgn:", b"SigCgt:")):
                taken |= int(row.split()[1], 16)
    numbers = range(signal.SIGRTMAX - 4, signal.SIGRTMIN + 4, -1)
    return next((number for number in numbers if not taken >> (number - 1) & 1), 0)
