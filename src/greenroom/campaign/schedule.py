"""Keeps a crew busy with many judgements at once, each of which needs one answer after the other."""

import time
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

from greenroom.campaign.crew import Crew, Task
from greenroom.campaign.judgement import Judgement, Steps

_Owner = TypeVar("_Owner")


class Schedule(Generic[_Owner]):
    """Cases that are judged, some of them at the same time."""

    def __init__(self, cases: Iterator[tuple[_Owner, Steps]], until: float | None = None) -> None:
        """Prepare.

        Args:
            cases: Whose judgement it is, and its steps; taken when there is room.
            until: When `time.monotonic` is there, nothing more is begun.
        """
        self._cases = cases
        self._until = until
        self._waiting: deque[tuple[_Owner, Steps, Task]] = deque()
        self._running: dict[int, tuple[_Owner, Steps]] = {}
        self._ended: deque[tuple[_Owner, Judgement]] = deque()

    def judge_all(self, crew: Crew) -> Iterator[tuple[_Owner, Judgement]]:
        """Each case and its judgement, as they are reached."""
        for done in crew.work(self._feed):
            owner, steps = self._running.pop(done.task.job.number)
            try:
                self._waiting.appendleft((owner, steps, steps.send(done.answer)))
            except StopIteration as end:
                yield owner, end.value
            while self._ended:
                yield self._ended.popleft()
        yield from self._ended

    def _feed(self) -> Task | None:
        if not self._waiting and not self._begin():
            return None
        owner, steps, task = self._waiting.popleft()
        self._running[task.job.number] = (owner, steps)
        return task

    def _begin(self) -> bool:
        """Take up another case; whether it needs anything done."""
        if self._until is not None and time.monotonic() > self._until:
            return False
        for owner, steps in self._cases:
            try:
                self._waiting.append((owner, steps, next(steps)))
            except StopIteration as end:
                self._ended.append((owner, end.value))
            else:
                return True
        return False
