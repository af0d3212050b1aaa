"""The thread that looks at the loops.

It is started below `threading`, so that tests which count or list threads do not meet it, and it sleeps
while no loop runs.
"""

import contextlib
import os
import sys
import time
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable, Mapping
from threading import get_ident, get_native_id
from types import FrameType

from greenroom.record.loop.beat import ASKS, LATE, LOOKS, Beat, Look
from greenroom.record.loop.clocks import Clock, Reading, ThreadClock
from greenroom.record.loop.stack import NOTHING, Boundary, Glimpse

_SHORTEST = 0.002
_PATIENCE = 2.0
_OTHER_SLICES = 3
"""In which a thread was put on a CPU since its last look: to go to sleep, to wake, and one to spare."""


class Watcher:
    """Looks at each running loop several times in the time of a limit."""

    def __init__(self, boundary: Boundary, failed: Callable[[BaseException], None]) -> None:
        self._boundary = boundary
        self.limit = 1.0
        self._failed = failed
        self._beats: dict[int, Beat] = {}
        self._wake = allocate_lock()
        self._wake.acquire()
        self._done = allocate_lock()
        self._native = 0
        self._running = False
        self._sleeping = False
        self._planned = 0.0
        self._reading = Reading(0.0, 0.0)
        self._busy = 0.0

    def add(self, beat: Beat) -> None:
        """Look at this loop, too."""
        self._beats[id(beat)] = beat
        if not self._running:
            self._planned = Clock.now() + max(self.limit / ASKS, _SHORTEST)
            self._running = True
            self._done.acquire()
            start_new_thread(self._run, ())
        elif self._sleeping:
            self._rouse()

    def remove(self, beat: Beat) -> None:
        """Look at it no more."""
        self._beats.pop(id(beat), None)

    def late(self) -> float:
        """How long ago the next look should have been."""
        return max(Clock.now() - self._planned, 0.0) if self._running and not self._sleeping else 0.0

    def pause(self) -> None:
        """End the thread, and wait until the system, too, has forgotten it; `add` or `resume` starts another."""
        if not self._running:
            return
        self._running = False
        self._rouse()
        if self._done.acquire(timeout=_PATIENCE):
            self._done.release()
        self._sleeping = False
        self._wake = allocate_lock()
        self._wake.acquire()
        path, until = f"/proc/self/task/{self._native}", Clock.now() + _PATIENCE
        while os.path.exists(path) and Clock.now() < until:  # noqa: PTH110  - no need to load pathlib's half
            time.sleep(0)

    def resume(self) -> None:
        """Go on with the loops that are still there."""
        for beat in tuple(self._beats.values()):
            self.add(beat)

    def forget(self) -> None:
        """Know nothing any more, in a forked process, which the thread is not in."""
        self._running = self._sleeping = False
        self._beats.clear()
        self._done = allocate_lock()

    def _run(self) -> None:
        try:
            self._native = get_native_id()
            clock = ThreadClock()
            self._reading, self._busy = clock.read(), Clock.process()
            try:
                while self._running:
                    self._sleep(clock)
                    if self._running:
                        self._look(clock)
            finally:
                clock.close()
        except BaseException as error:  # noqa: BLE001  - nothing of ours may end the process that it watches
            self._failed(error)
        finally:
            self._done.release()

    def _sleep(self, clock: ThreadClock) -> None:
        """Wait for the next look, or as long as no loop runs."""
        if self._beats:
            self._wake.acquire(timeout=max(self._planned - Clock.now(), 0.0))
            return
        self._sleeping = True
        if not self._beats:
            self._wake.acquire()
        self._sleeping = False
        self._reading, self._busy = clock.read(), Clock.process()
        self._planned = Clock.now()

    def _look(self, clock: ThreadClock) -> None:
        now = Clock.now()
        waited = max(now - self._planned, 0.0)
        beats = tuple(self._beats.values())
        # Before anything that lets other threads run: they would not stand any more where they stood.
        frames = sys._current_frames()  # noqa: SLF001  - documented, for exactly this
        waiting = {
            beat.eye.thread for beat in beats if self._boundary.is_waiting(frames.get(beat.eye.thread))
        }
        glimpses = self._glimpse(now, waited, beats, frames)
        del frames
        busy, reading = Clock.process(), clock.read()
        late = max(waited - (reading.queued - self._reading.queued), self._refused(reading), 0.0)
        look = Look(now, late, waited, busy - self._busy, glimpses, waiting)
        for beat in beats:
            beat.look(look)
        self._reading, self._busy = reading, busy
        pause = self.limit / (LOOKS if any(beat.owes() for beat in beats) else ASKS)
        # From when this look began: the interpreter may be taken from the watcher in the midst of it, too.
        self._planned = now + max(pause, _SHORTEST)

    def _refused(self, reading: Reading) -> float:
        """How long this thread asked for the interpreter at least, and did not get it.

        Who waits for it asks again at each interval, and is put on a CPU for that; on a busy machine most of
        the wait is for the CPU, and yet it is the interpreter that was waited for.
        """
        asked = reading.slices - self._reading.slices - _OTHER_SLICES
        return asked * sys.getswitchinterval()

    def _glimpse(
        self, now: float, waited: float, beats: tuple[Beat, ...], frames: Mapping[int, FrameType]
    ) -> dict[int, Glimpse]:
        if waited < self.limit * LATE and not any(beat.is_late(now) for beat in beats):
            return {}
        me = get_ident()
        glimpses = {
            thread: self._boundary.stack_of(frame) for thread, frame in frames.items() if thread != me
        }
        for beat in beats:
            stack, step = glimpses.get(beat.eye.thread, NOTHING)
            task = beat.task()
            glimpses[beat.eye.thread] = (stack, step if task is None else task)
        return glimpses

    def _rouse(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._wake.release()
