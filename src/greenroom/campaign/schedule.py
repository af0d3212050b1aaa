"""Keeps a crew busy with many judgements at once, each of which needs one answer after the other."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Generic, NamedTuple, TypeVar

from greenroom.campaign.crew import Crew, Task
from greenroom.campaign.judgement import Judgement, Steps
from greenroom.campaign.time_limit import OutOfTimeError, TimeLimit

_Owner = TypeVar("_Owner")


class Case(NamedTuple, Generic[_Owner]):
    """Something to be judged."""

    owner: _Owner
    """Whose judgement it is."""
    steps: Steps
    cold: bool = False
    """Left to whoever has the cold worker, as long as there is anything else: or each would need one for itself in the end."""


class Schedule(Generic[_Owner]):
    """Cases that are judged, some of them at the same time."""

    def __init__(self, cases: Iterator[Case[_Owner]], limit: TimeLimit | None = None) -> None:
        """Prepare.

        Args:
            cases: Taken when there is room.
            limit: When nothing more is begun, and what is under way is given up.
        """
        self._cases = cases
        self._left: deque[Case[_Owner]] = deque()
        """Cold ones that others have passed over."""
        self._limit = limit
        self._waiting: deque[tuple[_Owner, Steps, Task]] = deque()
        self._running: dict[int, tuple[_Owner, Steps]] = {}
        self._ended: deque[tuple[_Owner, Judgement]] = deque()
        self.given_up = 0
        """How many were begun, and have no judgement."""

    def judge_all(self, crew: Crew) -> Iterator[tuple[_Owner, Judgement]]:
        """Each case and its judgement, as they are reached."""
        crew.until = self._limit.end if self._limit is not None else None
        with suppress(OutOfTimeError):
            for done in crew.work(self._feed):
                owner, steps = self._running.pop(done.task.job.number)
                try:
                    self._waiting.appendleft((owner, steps, steps.send(done.answer)))
                except StopIteration as end:
                    yield owner, end.value
                while self._ended:
                    yield self._ended.popleft()
        yield from self._ended
        self.given_up = len(self._running) + len(self._waiting)

    def _feed(self, is_cold: bool) -> Task | None:  # noqa: FBT001  - a crew's one question
        if not self._waiting and not self._begin(is_cold=is_cold):
            return None
        owner, steps, task = self._waiting.popleft()
        self._running[task.job.number] = (owner, steps)
        return task

    def _begin(self, *, is_cold: bool) -> bool:
        """Take up another case; whether it needs anything done."""
        if self._limit is not None and time.monotonic() > self._limit.last:
            return False
        while (case := self._next(is_cold=is_cold)) is not None:
            try:
                self._waiting.append((case.owner, case.steps, next(case.steps)))
            except StopIteration as end:
                self._ended.append((case.owner, end.value))
            else:
                return True
        return False

    def _next(self, *, is_cold: bool) -> Case[_Owner] | None:
        if not (is_cold and self._left):
            for case in self._cases:
                if is_cold or not case.cold:
                    return case
                self._left.append(case)
        return self._left.popleft() if self._left else None
