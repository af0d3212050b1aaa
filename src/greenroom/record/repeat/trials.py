"""One run after the other, under conditions that are known and can be had again."""

import json
import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from greenroom.model.evidence import Outcome, TestEvidence
from greenroom.model.flakiness import Order, Trial
from greenroom.record import environment
from greenroom.record.command import start_command
from greenroom.record.recording import Recording, read_recording
from greenroom.record.run_folder import RunFolder
from greenroom.record.session import SENSORS

RED = (Outcome.FAILED, Outcome.ERROR)
_SENSORS = tuple(spelled.partition(":")[0] for spelled in SENSORS)
_PLUGINS = "-p no:randomly"
"""The order is ours to choose."""
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A run that has ended."""

    trial: Trial
    recording: Recording
    by_id: Mapping[str, tuple[TestEvidence, ...]] = field(default_factory=dict)

    def is_red(self, test: str) -> bool | None:
        """Whether it failed, in one of its attempts at least; None where it neither passed nor failed."""
        outcomes = {each.outcome for each in self.by_id.get(test, ())}
        if outcomes & set(RED):
            return True
        return False if Outcome.PASSED in outcomes else None

    def before(self, test: str) -> tuple[str, ...]:
        """Which tests ran before it in the same process, in their order."""
        (mine, *_) = self.by_id[test]
        earlier = [each.id for each in self.recording.tests
                   if each.worker == mine.worker and each.started < mine.started and each.id != test]  # fmt: skip
        return tuple(dict.fromkeys(earlier))


class Trials:
    """Runs a command under conditions, and reads what was recorded."""

    def __init__(self, command: Sequence[str], root: Path, progress: Progress) -> None:
        self._command = command
        self._root = root
        self._progress = progress
        self._folders: list[Path] = []
        self.extra = 0

    def first(self, order: Order, seed: int, without: Sequence[str]) -> tuple[Done, Path]:
        """An ordinary run, whose output everybody sees; and its folder, which stays."""
        folder = RunFolder(self._root)
        conditions = self._conditions(seed, shuffle=order is Order.SHUFFLED)
        done = self._run(folder, order, conditions, without, shown=True)
        return done, folder.path

    def again(self, order: Order, seed: int, without: Sequence[str]) -> Done:
        """The whole suite once more."""
        conditions = self._conditions(seed, shuffle=order is Order.SHUFFLED)
        return self._run(self._folder(), order, conditions, without, shown=False)

    def only(self, tests: Iterable[str], seed: int) -> Done:
        """These tests in this order, in a process of their own; nothing but outcomes is recorded."""
        self.extra += 1
        folder = self._folder()
        conditions = self._conditions(seed) | {environment.ONLY: json.dumps(list(tests))}
        return self._run(folder, Order.ALONE, conditions, _SENSORS, shown=False)

    def close(self) -> None:
        """Take away the folders of all but the first."""
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):
                folder.parent.rmdir()

    def _folder(self) -> RunFolder:
        folder = RunFolder(self._root, kept="repeats")
        self._folders.append(folder.path)
        return folder

    def _conditions(self, seed: int, *, shuffle: bool = False) -> dict[str, str]:
        told = f"{os.environ.get('PYTEST_ADDOPTS', '')} {_PLUGINS}".strip()
        conditions = {environment.SEED: str(seed), "PYTHONHASHSEED": str(seed), "PYTEST_ADDOPTS": told}
        return conditions | ({environment.SHUFFLE: "1"} if shuffle else {})

    def _run(
        self, folder: RunFolder, order: Order, conditions: Mapping[str, str], without: Sequence[str], *, shown: bool
    ) -> Done:  # fmt: skip
        folder.open(self._command, brief=not shown)
        output = None if shown else subprocess.DEVNULL
        code = start_command(self._command, folder.path, without, variables=conditions, output=output)
        folder.close(code)
        recording = read_recording(folder.path)
        by_id: dict[str, list[TestEvidence]] = defaultdict(list)
        for test in recording.tests:
            by_id[test.id].append(test)
        trial = Trial(order=order, seed=int(conditions[environment.SEED]), exit_code=code,
                      tests=len(by_id), seconds=recording.run.seconds)  # fmt: skip
        if order is not Order.ALONE:
            self._progress(f"{order}, seed {trial.seed}: exit {code}")
        return Done(
            trial=trial, recording=recording, by_id={name: tuple(all_) for name, all_ in by_id.items()}
        )
