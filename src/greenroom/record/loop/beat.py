"""The pulse of one running loop: it is asked to answer, again and again, and looked at when it does not."""

from _thread import allocate_lock
from asyncio import AbstractEventLoop, current_task
from collections.abc import Callable, Collection, Hashable
from threading import get_ident
from types import FrameType
from typing import NamedTuple
from weakref import ref

from greenroom.record.loop.clocks import Clock, Reading, ThreadClock
from greenroom.record.loop.stack import NOTHING, Boundary, Glimpse, Stack, is_asyncios_own
from greenroom.record.loop.turn import Held, Hold, Kept, Sample, Turn, judge
from greenroom.record.loop.witness import Dumps, Witness

ASKS = 2
"""How often in the time of a limit a loop is asked to answer."""
LOOKS = 5
"""How often it is looked at once it did not."""
LATE = 0.5
"""Of the limit: from here on a loop is looked at, and somebody who could not look was kept from it."""
_MOST_SAMPLES = 64


class Look(NamedTuple):
    """What whoever looks knows of itself."""

    now: float
    late: float
    """Seconds after it meant to look, without those in which the machine had no CPU for it."""
    waited: float
    """Seconds after it meant to look, all of them."""
    busy: float
    """CPU seconds of the whole process since the last look."""
    glimpses: dict[int, Glimpse]
    """Of all other threads, where there was reason to."""
    waiting: Collection[int]
    """Threads in which a loop stands until something happens."""


class Eye:
    """What looks at one thread: its clock and its witness, kept from one run of a loop to the next.

    The clock opens its file once it is needed. The witness is there from the start: a callback may take the
    interpreter at once, and then nobody else can look.
    """

    def __init__(self, dumps: Dumps) -> None:
        self.thread = get_ident()
        self.clock = ThreadClock()
        self.witness = Witness(dumps)

    def close(self) -> None:
        """Give all back."""
        self.witness.close(here=get_ident() == self.thread)
        self.clock.close()


class Beat:
    """A loop from the moment it runs until it stops."""

    def __init__(
        self,
        loop: AbstractEventLoop,
        eye: Eye,
        limit: float,
        boundary: Boundary,
        report: Callable[[Hold], None],
    ) -> None:
        self.loop = loop
        self.eye = eye
        self.inside = False
        """A call that is timed runs: what it calls is a part of it."""
        self.joined = False
        """It ran already, and nobody will say when it stops."""
        self.limit = limit
        self._boundary = boundary
        self._report = report
        self._held: list[Held] = []
        self._lock = allocate_lock()
        self._last = eye.clock.begin()
        self._turn = Turn(Clock.now(), self._last, 0.0)
        self._ended = False
        self._armed = self._last.cpu
        eye.witness.expect(limit)
        loop.call_soon(self._answer, self._turn)  # from its own thread: it need not be woken

    def hold(self, call: str, kind: str, seconds: float, frame: FrameType) -> None:
        """Note a call that was timed; short ones hold nothing."""
        if seconds >= self.limit * LATE:
            stack, _ = self._boundary.stack_of(frame)
            if not is_asyncios_own(stack):
                self._held.append(Held(Clock.now(), seconds, call, kind, stack))

    def look(self, look: Look) -> None:
        """Ask the loop to answer, or see what keeps it from answering."""
        with self._lock:
            if self._ended or not self.is_running():
                return
            reading = self.eye.clock.read()
            self._rearm(look, reading)
            if look.late >= self.limit * LATE:
                self._was_kept(look, self._kept(look, reading))
            if self._turn.acked:
                slack = min(look.now - self._turn.acked, self.limit / ASKS)
                self._begin(look.now, reading, slack, is_asked=self.eye.thread not in look.waiting)
            else:
                self._turn.overdue = True
                if self.eye.thread in look.glimpses:
                    self._sample(look, reading)
            self._last = reading

    def _rearm(self, look: Look, reading: Reading) -> None:
        """Move the witness on, unless it has hardly come nearer."""
        if reading.cpu - self._armed >= self.limit / ASKS / 2 or look.waited >= self.limit * LATE:
            self._armed = reading.cpu
            self.eye.witness.expect(self.limit)

    def _was_kept(self, look: Look, kept: Kept) -> None:
        """Note it in the turn that was under way, or in one that would have been but for this."""
        since = look.now - look.waited
        if self._turn.acked and self._turn.acked <= since:
            self._begin(since, self._last, self.limit / ASKS)
        self._turn.kept.append(kept)

    def _begin(self, asked: float, before: Reading, slack: float, *, is_asked: bool = True) -> None:
        """Begin a turn. Who sees that the loop waits has its answer: to wake it would take the interpreter twice."""
        self._finish()
        self._turn = Turn(asked, before, slack)
        if is_asked:
            self._ask(self._turn)
        else:
            self._turn.acked = asked

    def is_running(self) -> bool:
        """Whether it still runs, as far as anybody can say."""
        return not self.joined or self.loop.is_running()

    def task(self) -> Hashable:
        """Name the task that runs, if it is one; frames are no names, the next may be where the last was."""
        task = current_task(self.loop)
        if task is None:
            return None
        name = ref(task)
        hash(name)  # while it is there; it is remembered
        return name

    def owes(self) -> bool:
        """Whether it was asked, some time ago, and has not answered."""
        return not self._turn.acked and self._turn.overdue

    def is_late(self, now: float) -> bool:
        """Whether it should have answered by now."""
        return not self._turn.acked and now - self._turn.sent >= self.limit * LATE

    def conclude(self, late: float) -> None:
        """Judge what is known by now, in the loop's own thread, and go on."""
        with self._lock:
            self._close(late)
            self._turn = Turn(Clock.now(), self.eye.clock.read(), 0.0)
            self._ask(self._turn)

    def end(self, late: float) -> None:
        """Judge what is left when the loop stops, or the watch."""
        with self._lock:
            if not self._ended:
                self._ended = True
                self.eye.witness.expect(0.0)
                self._close(late)

    def abandon(self) -> None:
        """Forget all, in a forked process."""
        self._lock = allocate_lock()
        self._ended = True

    def _close(self, late: float) -> None:
        if not self._turn.acked:
            self._answer(self._turn)
        elif late >= self.limit:
            self._finish()
            self._turn = Turn(Clock.now() - late, self._last, 0.0)
            self._answer(self._turn)
        self._finish()

    def _ask(self, turn: Turn) -> None:
        try:
            self.loop.call_soon_threadsafe(self._answer, turn)
        except RuntimeError:
            turn.acked = turn.sent

    def _answer(self, turn: Turn) -> None:
        """Run in the loop, at its next turn."""
        now = Clock.now()
        if now - turn.sent >= self.limit * LATE:
            turn.after = self.eye.clock.read()
        turn.acked = now

    def _finish(self) -> None:
        held = [call for call in self._held if call.ended >= self._turn.sent]
        self._held.clear()
        if held or self._turn.after is not None:
            for hold in judge(self._turn, held, self.limit):
                self._report(hold._replace(ended=self._turn.acked, loop=id(self)))

    def _sample(self, look: Look, reading: Reading) -> None:
        if len(self._turn.samples) >= _MOST_SAMPLES:
            del self._turn.samples[1::2]
        stack, step = look.glimpses.get(self.eye.thread, NOTHING)
        locked = self.eye.clock.waits_for_lock()
        self._turn.samples.append(Sample(look.now, stack, step, look.late, locked, reading.queued))

    def _kept(self, look: Look, reading: Reading) -> Kept:
        """Find out who kept the interpreter."""
        after, _ = look.glimpses.get(self.eye.thread, NOTHING)
        midst = self._boundary.read_dump(self.eye.witness.read())
        used = reading.cpu - self._last.cpu
        others_used = look.busy - used >= look.late * LATE and used < look.late * LATE
        # As `Turn.delay` has it: who asks for the interpreter gets it as soon as anybody lets go of it, and was
        # kept from it all the while, also when the machine had a CPU for neither of them.
        seconds = look.waited - (reading.queued - self._last.queued)
        stack = _merge(midst, after)
        if stack and not others_used:
            return Kept(seconds, stack, computing=bool(midst) or used >= self.limit)
        others = (stack for thread, (stack, _) in look.glimpses.items() if thread != self.eye.thread)
        return Kept(seconds, (), others=tuple(others))


def _merge(midst: Stack, after: Stack) -> Stack:
    """Take what was seen in the midst, with what is known of its outer frames if they still stand there."""
    if not midst:
        return after
    same = 0
    for one, other in zip(reversed(midst), reversed(after), strict=False):
        if (one.file, one.number) != (other.file, other.number):
            break
        same += 1
    return midst[: len(midst) - same] + after[len(after) - same :]
