"""Repeats a suite: in its own order, shuffled, each test alone; and judges what differs."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from greenroom.model.flakiness import Flakiness, Order, Repetition
from greenroom.record.recording import Recording
from greenroom.record.repeat.judge import Judge, Seen
from greenroom.record.repeat.trials import Done, Progress, Trials

_BUDGET = 120
"""Runs of single tests at most, to find out what makes tests fail."""
_NO_PYTEST = "no test ran under pytest: the order, the seed and single tests can be set there only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be run."""

    repeat: int = 1
    """Runs of each kind."""
    usual: bool = True
    """Whether to run the suite in its own order."""
    shuffle: bool = False
    isolate: bool = False
    """Each test in a process of its own, once."""
    seed: int = 0
    """Of the first run; each further one has the next."""

    @property
    def is_single(self) -> bool:
        """Whether there is nothing to compare."""
        return self.repeat == 1 and not self.isolate and not (self.usual and self.shuffle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """All that came of it."""

    exit_code: int
    """Of the first run that did not end with 0."""
    folder: Path
    """Of the first run."""
    recording: Recording
    """Of the first run."""
    repetition: Repetition


def repeat(
    command: Sequence[str], root: Path, plan: Plan, without: Sequence[str] = (), progress: Progress = lambda _: None
) -> Repeated:  # fmt: skip
    """Run a command that runs tests as the plan says.

    Raises:
        CommandNotStartedError: there is no such program, or it may not be run.
        OSError: the folder of a run cannot be made.
    """
    root = root.resolve()
    trials = Trials(command, root, progress)
    try:
        orders = [Order.SAME] * plan.repeat * plan.usual + [Order.SHUFFLED] * plan.repeat * plan.shuffle
        first, folder = trials.first(orders[0], plan.seed, without)
        further = enumerate(orders[1:], plan.seed + 1)
        dones = [first, *(trials.again(order, seed, without) for seed, order in further)]
        same, shuffled = (
            [done for done in dones if done.trial.order is order] for order in (Order.SAME, Order.SHUFFLED)
        )
        names = sorted({name for done in (*same, *shuffled) for name in done.by_id if "::" in name})
        if plan.isolate:
            progress(f"each of {len(names)} tests alone")
        alone = [trials.only([name], plan.seed) for name in names] if plan.isolate else []
        if not plan.is_single:
            progress("comparing; what differs is run alone, and after what came before it")
        judge = Judge(trials, root, command, _BUDGET)
        findings = tuple(_judge(judge, names, (same, shuffled, alone)))
        ended = [done.trial for done in (*same, *shuffled, *alone)]
        run = first.recording.run
        repetition = Repetition(
            id=run.id, started=run.started, seconds=time.time() - run.started, command=run.command,
            revision=run.revision, modified=run.modified, extra=trials.extra - len(alone), findings=findings,
            trials=tuple(ended), tests=sum(_says(name, (*same, *shuffled, *alone)) for name in names),
            notes=() if run.sensors or not first.recording.tests else (_NO_PYTEST,),
        )  # fmt: skip
    finally:
        trials.close()
    code = next((done.trial.exit_code for done in (*same, *shuffled) if done.trial.exit_code), 0)
    return Repeated(exit_code=code, folder=folder, recording=first.recording, repetition=repetition)


def _judge(
    judge: Judge, names: list[str], kinds: tuple[list[Done], list[Done], list[Done]]
) -> Iterator[Flakiness]:
    same, shuffled, alone = kinds
    by_name = {name: tuple(done for done in alone if name in done.by_id) for name in names}
    for name in names:
        seen = Seen(id=name, same=tuple(same), shuffled=tuple(shuffled), alone=by_name[name])
        for found in (judge.of(seen), judge.slow(seen)):
            if found is not None:
                yield found


def _says(name: str, dones: Sequence[Done]) -> bool:
    return any(done.is_red(name) is not None for done in dones)
