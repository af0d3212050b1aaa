"""What was noted while a loop owed an answer, and what that says of who held it."""

import sys
from collections import Counter
from collections.abc import Hashable
from typing import NamedTuple

from greenroom.record.loop.clocks import Reading
from greenroom.record.loop.stack import Stack, is_asyncios_own

_MOST = 0.5
"""Whatever explains at least this share of a stall explains it."""
_ONE_STEP = 0.4
"""Looks at the same step, so far apart in limits, saw one callback and not two of a kind."""
_FEWEST_LOOKS = 3
"""That must have seen it: two may have met a thread that waited for a CPU, or for whoever looked."""
_LEAST = 0.25
"""Share of a stall that one callback shorter than the limit must have taken to be blamed for it, and that who
kept the interpreter must have computed to be no wait."""


class Sample(NamedTuple):
    """One look at a loop that is late."""

    at: float
    stack: Stack
    step: Hashable
    """Tells one callback from another."""
    waited: float
    """Seconds until the interpreter was free for the look."""
    locked: bool | None
    """Whether the thread was inside the system call for locks; None: unknown."""
    queued: float = 0.0
    """As of `Reading.queued`, at that moment."""


class Held(NamedTuple):
    """A call that was timed from inside the loop's thread."""

    ended: float
    seconds: float
    call: str
    kind: str
    stack: Stack


class Kept(NamedTuple):
    """Nobody could run Python for a while: some thread kept the interpreter."""

    seconds: float
    stack: Stack
    """Of the loop's thread, in the midst of it where a witness could see it, else right after; empty: it
    was another thread."""
    computing: bool = False
    """It was seen to compute for as long as the limit."""
    others: tuple[Stack, ...] = ()
    """Of the other threads, if it was one of them."""


class Hold(NamedTuple):
    """What held a loop, before anybody has said which code is whose."""

    seconds: float
    kind: str
    """As of `Stall.kind`."""
    call: str
    """The call that was timed; empty: none was."""
    stacks: tuple[Stack, ...]
    spelled: bool
    """Whether the innermost line stood in a call for all that time, which therefore may be named."""
    ended: float = 0.0
    """When the loop turned again."""
    loop: int = 0
    """Which loop."""


class Turn:
    """From the moment when a loop was asked to answer."""

    __slots__ = ("acked", "after", "before", "kept", "overdue", "samples", "sent", "slack")

    def __init__(self, sent: float, before: Reading, slack: float) -> None:
        self.sent = sent
        self.before = before
        self.slack = slack
        """It may have been held for so long already when it was asked: the half of that is likely."""
        self.after: Reading | None = None
        self.acked = 0.0
        self.overdue = False
        """It had not answered by the next look."""
        self.samples: list[Sample] = []
        self.kept: list[Kept] = []

    def delay(self) -> float:
        """How long the answer took, without the time in which the machine had no CPU for the thread."""
        queued = self.after.queued - self.before.queued if self.after else 0.0
        return max(self.acked - self.sent - max(queued, 0.0), 0.0) + self.slack / 2


def judge(turn: Turn, held: list[Held], limit: float) -> list[Hold]:
    """Say what held the loop in this turn, longer than the limit."""
    found = [Hold(call.seconds, call.kind, call.call, (call.stack,), spelled=True)
             for call in held if call.seconds >= limit]  # fmt: skip
    seconds = turn.delay() - sum(call.seconds for call in held)
    if seconds < limit or (found and seconds < turn.slack + limit):
        return found
    kept = max(turn.kept, key=lambda one: one.seconds, default=None)
    if kept is not None and kept.seconds >= _MOST * seconds:
        return [*found, _by_keeping(kept, turn, seconds)]
    between = [sample for sample in turn.samples if not any(
        call.ended - call.seconds <= sample.at <= call.ended for call in held)]  # fmt: skip
    return [*found, _by_looking(between, turn, seconds, limit)]


def _by_keeping(kept: Kept, turn: Turn, seconds: float) -> Hold:
    if kept.stack and not is_asyncios_own(kept.stack):
        kind = "cpu" if kept.computing or _on_cpu(turn, seconds, _LEAST) else "io"
        return Hold(seconds, kind, "", (kept.stack,), spelled=True)
    return Hold(seconds, "gil", "", kept.others, spelled=True)


def _by_looking(samples: list[Sample], turn: Turn, seconds: float, limit: float) -> Hold:
    """Decide whether the looks saw one callback, or ever another one of many."""
    seen = [sample for sample in samples if sample.at <= turn.acked and sample.stack]
    step = Counter(sample.step for sample in seen).most_common(1)
    same = [sample for sample in seen if step and sample.step == step[0][0]]
    if len(same) < _FEWEST_LOOKS or _apart(same, seen, turn) < min(
        max(_ONE_STEP * limit, _LEAST * seconds), limit
    ):
        return Hold(seconds, "load", "", (), spelled=False)
    theirs = [sample for sample in same if not is_asyncios_own(sample.stack)]
    if len(theirs) < _MOST * len(same):
        return Hold(seconds, "gil", "", (), spelled=False)
    same = theirs
    waits = sorted(sample.waited for sample in same)
    free = waits[len(waits) // 2] < sys.getswitchinterval() / 2
    waiting = "lock" if sum(map(_locked, same)) * 2 > len(same) else "io"
    kind = "cpu" if _on_cpu(turn, seconds) else waiting
    return Hold(seconds, kind, "", tuple(sample.stack for sample in same), spelled=free or kind != "cpu")


def _apart(same: list[Sample], seen: list[Sample], turn: Turn) -> float:
    """Seconds between the first and the last of these looks, without those in which the thread had no CPU.

    The system counts a wait for a CPU once it is over: what the next look knows.
    """
    later = [sample.queued for sample in seen if sample.at > same[-1].at]
    queued = later[0] if later else turn.after.queued if turn.after else same[-1].queued
    return same[-1].at - same[0].at - (queued - same[0].queued)


def _on_cpu(turn: Turn, seconds: float, share: float = _MOST) -> bool:
    """Whether its thread computed for so much of it; a machine may give less than all without saying so."""
    return turn.after is not None and turn.after.cpu - turn.before.cpu >= share * seconds


def _locked(sample: Sample) -> bool:
    """Ask the kernel's answer first; without one, the standard library's own frames tell."""
    if sample.locked is not None:
        return sample.locked
    return sample.stack[0].module.partition(".")[0] in {"threading", "queue", "concurrent"}
