"""What is installed in this process while at least one watch lasts: once, however many there are."""

import asyncio
import contextlib
import gc
import os
import sys
import threading
from _thread import RLock
from asyncio import AbstractEventLoop
from collections.abc import Callable
from functools import partial
from threading import active_count, get_ident, local
from types import FrameType
from typing import Any

from greenroom.record.loop.beat import Beat, Eye
from greenroom.record.loop.calls import BlockingCalls
from greenroom.record.loop.clocks import Clock
from greenroom.record.loop.loops import LoopClasses, running_elsewhere
from greenroom.record.loop.seen import Seen
from greenroom.record.loop.stack import Boundary
from greenroom.record.loop.turn import Hold
from greenroom.record.loop.watcher import Watcher
from greenroom.record.loop.witness import Dumps

_LONG_COLLECTION = 0.5
"""Of the limit."""
_MOST_EYES = 8
"""Of threads that run no loop just now: each has a signal, and there are few."""


def _nothing() -> None:
    """Do nothing when a loop stops that was not watched."""


class _AtEnd:
    """Kept among what is a thread's own: does something when the thread ends."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # a test may have closed what is ours
            self._close()


class Installation:
    """Installed with the first watch, removed with the last."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._watches: tuple[tuple[Seen, float], ...] = ()
        self._beats: dict[int, Beat] = {}
        self._eyes: dict[int, Eye] = {}
        self._here = local()
        self._dumps = Dumps()
        self._boundary = Boundary()
        self._classes = LoopClasses(self._begin)
        self._boundary.add(self._classes.code)
        self._calls = BlockingCalls(self._beats, self._note)
        self._watcher = Watcher(self._boundary, self._report_failure)
        self._collecting = 0.0
        self._limit = 0.0
        self._forks = False

    def add(self, seen: Seen, limit: float) -> None:
        """Begin to tell this watch what is seen."""
        with self._lock:
            first = not self._watches
            self._watches = (*self._watches, (seen, limit))
            self._tune()
            if first:
                self._install()

    def remove(self, seen: Seen) -> None:
        """Tell it what is known by now, and nothing more."""
        with self._lock:
            mine = self._beats.get(get_ident())
            if mine is not None:
                self._try(mine.conclude)
            last = len(self._watches) == 1
            if last:
                self._uninstall()
            self._watches = tuple(watch for watch in self._watches if watch[0] is not seen)
            self._tune()

    def _tune(self) -> None:
        """Go by the shortest limit of all."""
        if self._watches:
            self._limit = min(limit for _, limit in self._watches)
            self._watcher.limit = self._limit
            for beat in tuple(self._beats.values()):
                beat.limit = self._limit

    def _install(self) -> None:
        if not self._forks:
            self._forks = True
            os.register_at_fork(
                before=self._before_fork,
                after_in_parent=self._watcher.resume,
                after_in_child=self._after_fork,
            )
        self._classes.install()
        self._calls.install()
        gc.callbacks.append(self._collected)
        running = asyncio._get_running_loop()  # noqa: SLF001  - documented, and the only one that does not raise
        if running is not None:
            self._join(running)
        for loop in running_elsewhere() if active_count() > 1 else ():
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._join, loop)

    def _uninstall(self) -> None:
        with contextlib.suppress(ValueError):
            gc.callbacks.remove(self._collected)
        self._classes.remove()
        self._calls.remove()
        for beat in tuple(self._beats.values()):
            self._try(beat.end)
            self._watcher.remove(beat)
        self._beats.clear()
        self._watcher.pause()
        for eye in self._eyes.values():
            eye.close()
        self._eyes.clear()
        self._dumps.close()

    def _begin(self, loop: AbstractEventLoop) -> Callable[[], None]:
        """Watch a loop that is about to run in this thread, until what is returned here is called."""
        thread = get_ident()
        outer = self._beats.get(thread)
        if not self._watches or (outer is not None and outer.loop is loop and outer.is_running()):
            return _nothing
        try:
            beat = self._watch(loop, thread)
        except Exception as error:  # noqa: BLE001  - a failure of ours is noted, and never the watched code's
            self._report_failure(error)
            return _nothing

        def end() -> None:
            try:
                self._end(beat, thread, outer)
            except Exception as error:  # noqa: BLE001  - as above
                self._report_failure(error)

        return end

    def _join(self, loop: AbstractEventLoop) -> None:
        """Watch the loop that runs already in this thread."""
        if self._watches and get_ident() not in self._beats:
            try:
                self._watch(loop, get_ident()).joined = True
            except Exception as error:  # noqa: BLE001  - as above
                self._report_failure(error)

    def _watch(self, loop: AbstractEventLoop, thread: int) -> Beat:
        self._calls.look_again()
        eye = self._eyes.get(thread)
        if eye is None:
            eye = self._eyes[thread] = Eye(self._dumps)
            if thread != threading.main_thread().ident:
                self._here.end = _AtEnd(partial(self._close, thread, eye))
        beat = self._beats[thread] = Beat(loop, eye, self._limit, self._boundary, self._report)
        self._watcher.add(beat)
        return beat

    def _end(self, beat: Beat, thread: int, outer: Beat | None) -> None:
        if self._beats.get(thread) is not beat:
            return
        beat.end(self._watcher.late())
        self._watcher.remove(beat)
        if outer is not None:
            self._beats[thread] = outer
            return
        del self._beats[thread]
        if len(self._eyes) > _MOST_EYES and thread != threading.main_thread().ident:
            self._close(thread, beat.eye)

    def _close(self, thread: int, eye: Eye) -> None:
        if self._eyes.get(thread) is eye:
            del self._eyes[thread]
            eye.close()

    def _report(self, hold: Hold) -> None:
        for seen, _ in self._watches:
            try:
                seen.held(hold)
            except Exception as error:  # noqa: BLE001  - as above
                seen.note(f"{type(error).__name__}: {error}")

    def _note(self, beat: Beat, call: str, kind: str, seconds: float, frame: FrameType) -> None:
        try:
            beat.hold(call, kind, seconds, frame)
            for seen, _ in self._watches:
                seen.called(call, kind, seconds, frame)
        except Exception as error:  # noqa: BLE001  - as above
            self._report_failure(error)

    def _try(self, judge: Callable[[float], None]) -> None:
        try:
            judge(self._watcher.late())
        except Exception as error:  # noqa: BLE001  - as above
            self._report_failure(error)

    def _report_failure(self, error: BaseException) -> None:
        for seen, _ in self._watches:
            seen.note(f"{type(error).__name__}: {error}")

    def _collected(self, phase: str, _: dict[str, Any]) -> None:
        """Time the garbage collector, which strikes where nobody called it."""
        if phase == "start":
            self._collecting = Clock.now()
            return
        seconds = Clock.now() - self._collecting
        beat = self._beats.get(get_ident())
        if beat is not None and seconds >= _LONG_COLLECTION * self._limit:
            with contextlib.suppress(ValueError):  # nobody called, when the interpreter ends
                beat.hold("gc.collect", "gc", seconds, sys._getframe(1))  # noqa: SLF001

    def _before_fork(self) -> None:
        """Have one thread less: a process that forks with several is warned, and rightly."""
        if self._watches:
            self._watcher.pause()

    def _after_fork(self) -> None:
        """Leave nothing in the child; whoever wants to watch there says so there."""
        if self._watches:
            self._lock = RLock()
            for beat in self._beats.values():
                beat.abandon()
            self._watcher.forget()
            self._uninstall()
            self._watches = ()


INSTALLATION = Installation()
"""Functions of modules and classes of loops exist once in a process, and so does what is put in their place."""
