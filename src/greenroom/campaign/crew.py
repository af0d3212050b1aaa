"""The workers of a campaign: each does one job at a time, in the process that is right for it."""

import selectors
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from greenroom.campaign.messages import Answer, Ending, Job, unpack_answer
from greenroom.campaign.time_limit import OutOfTimeError
from greenroom.campaign.worker import Worker

_TRIES = 2
"""Times that a job is given to a process which does not survive it."""
_HELD = 16
"""Cold tasks that may wait for the one cold worker there is, while others have something else to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A job, and where it has to be done."""

    job: Job
    cold: bool = False
    """In a process that has not loaded the project."""


Feed = Callable[[bool], Task | None]
"""Asked for a task, and told whether a cold one would be done by the cold worker there is; None: nothing at present."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A task that was done."""

    task: Task
    answer: Answer
    told: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Messages of the child, by kind."""


@dataclass(slots=True)
class _Slot:
    """Room for one job at a time."""

    number: int
    warm: Worker | None = None
    cold: Worker | None = None
    task: Task | None = None
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tries: int = 0
    loaded: int = 0
    """How many libraries the warm worker was told to import, beside those that it began with."""

    def worker(self) -> Worker | None:
        """The one that is busy."""
        if self.task is None:
            return None
        return self.cold if self.task.cold else self.warm


class Crew:
    """Some workers; a context manager: nobody stays behind."""

    def __init__(self, size: int, start: Callable[[int, bool], Worker]) -> None:
        """Prepare; nobody works yet.

        Args:
            size: How many jobs may be done at a time.
            start: Starts the worker of a slot, by its number; warm or not.
        """
        self._start = start
        self._slots = [_Slot(number) for number in range(size)]
        self._held: deque[Task] = deque()
        self.until: float | None = None
        """When `time.monotonic` is there, what is under way is given up; None: never."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Have all leave: who was forked from the first before it."""
        for slot in reversed(self._slots):
            for worker in (slot.warm, slot.cold):
                if worker is not None:
                    worker.end()

    def take_in(self, worker: Worker, slot: int = 0) -> None:
        """A warm worker that has been started elsewhere becomes the one of a slot that has none."""
        if self._slots[slot].warm is None:
            self._slots[slot].warm = worker
        else:
            worker.end()

    @property
    def size(self) -> int:
        """How many jobs may be done at a time."""
        return len(self._slots)

    def load(self, libraries: list[str]) -> None:
        """Have the warm workers import these before their next job."""
        for slot in self._slots:
            if slot.warm is not None and slot.loaded != len(libraries):
                slot.warm.tell("load", libraries[slot.loaded :])
                slot.loaded = len(libraries)

    def settle(self, twins: Callable[[], Mapping[int, Worker]]) -> None:
        """The warm workers change no more.

        Args:
            twins: Asked for others in the place of all but the first, when that one has settled.
        """
        first, *others = self._slots
        if first.warm is not None:
            first.warm.tell("ready", None)
        made = twins()
        for slot in others:
            if slot.warm is not None and slot.number in made:
                slot.warm.retire()
            elif slot.warm is not None:
                slot.warm.tell("ready", None)
            if slot.number in made:
                slot.warm, slot.loaded = made[slot.number], first.loaded

    def go_on(self, libraries: list[str]) -> None:
        """They have observed: the warm workers have settled, and import these, too; cold ones leave."""
        self.load(libraries)
        for slot in self._slots:
            if slot.cold is not None:
                slot.cold.end()
                slot.cold = None

    def work(self, feed: Feed) -> Iterator[Done]:
        """Do what is fed until nothing is fed and nothing is under way.

        Args:
            feed: Called when somebody is free.

        Raises:
            WorkerGoneError: no worker can be started any more.
            OutOfTimeError: the time is up; nobody works any more, and whoever is given something next is started anew.
        """
        try:
            yield from self._work(feed)
        except OutOfTimeError:
            self.end()
            self._slots = [_Slot(slot.number) for slot in self._slots]
            self._held.clear()
            raise

    def _work(self, feed: Feed) -> Iterator[Done]:
        with selectors.DefaultSelector() as selector:
            while True:
                for slot in self._slots:
                    if slot.task is None and (task := self._next(slot, feed)) is not None:
                        self._give(slot, task, selector)
                if not selector.get_map():
                    return
                if self.left() == 0:
                    raise OutOfTimeError
                for key, _ in selector.select(self.left()):
                    yield from self._hear(key.data, selector)

    def left(self) -> float | None:
        """Seconds until the time is up; None: there is no limit."""
        return None if self.until is None else max(0.0, self.until - time.monotonic())

    def _next(self, slot: _Slot, feed: Feed) -> Task | None:
        """What a slot does next: another cold worker, and its memory, only where there is nothing else to do."""
        is_cold = slot.cold is not None or all(each.cold is None for each in self._slots)
        if self._held and is_cold:
            return self._held.popleft()
        while len(self._held) < _HELD and (task := feed(is_cold)) is not None:
            if not task.cold or is_cold:
                return task
            self._held.append(task)
        return self._held.popleft() if self._held else None

    def _give(self, slot: _Slot, task: Task, selector: selectors.BaseSelector) -> None:
        slot.task, slot.told, slot.tries = task, [], slot.tries + 1
        worker = slot.worker()
        if worker is None:
            worker = self._start(slot.number, not task.cold)
            if task.cold:
                slot.cold = worker
            else:
                slot.warm = worker
        selector.register(worker.channel.socket, selectors.EVENT_READ, slot)
        worker.give(task.job)

    def _hear(self, slot: _Slot, selector: selectors.BaseSelector) -> Iterator[Done]:
        worker, task = slot.worker(), slot.task
        if worker is None or task is None:
            return
        for message in worker.channel.arrived():
            if message is None:
                yield from self._lost(slot, task, worker, selector)
                return
            kind, content = message
            if kind == "answer":
                selector.unregister(worker.channel.socket)
                slot.task, slot.tries = None, 0
                yield Done(task=task, answer=unpack_answer(content), told=tuple(slot.told))
            else:
                slot.told.append((kind, content))

    def _lost(
        self, slot: _Slot, task: Task, worker: Worker, selector: selectors.BaseSelector
    ) -> Iterator[Done]:
        """The process itself is gone, which no test should bring about: a new one, and the job once more."""
        selector.unregister(worker.channel.socket)
        words = worker.last_words()
        worker.end()
        if task.cold:
            slot.cold = None
        else:
            slot.warm = None
        if slot.tries < _TRIES:
            self._give(slot, task, selector)
            return
        slot.task, slot.tries = None, 0
        answer = Answer(number=task.job.number, ending=Ending.ERROR, error=f"the worker is gone: {words}")
        yield Done(task=task, answer=answer)


def in_turn(tasks: Iterable[Task]) -> Feed:
    """Feeds tasks; to a deque, more may be added meanwhile."""
    waiting = tasks if isinstance(tasks, deque) else deque(tasks)
    return lambda _: waiting.popleft() if waiting else None


def told_by_children(scratch: Path, name: str) -> Iterator[tuple[str, str, int]]:
    """What processes that tests started have run: in whose name, which file, which line."""
    try:
        text = (scratch / name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in set(text.splitlines()):
        context, separator, rest = line.partition("\t")
        path, _, number = rest.partition("\t")
        if separator and number.isdecimal():
            yield context, path, int(number)
