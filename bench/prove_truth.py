"""Holds verdicts of `greenroom prove` against the plainest truth there is: the change on disk, the whole suite, a fresh process.

    python bench/prove_truth.py PROJECT [--python FILE] [--sample 50] [--seed 1] [--copies 1] [-- PYTEST-ARGUMENT...]

The project is copied; the original is only read. A suite that is red without any change says nothing: its failing tests
are deselected in both. What hangs is waited for a long time, while other copies go on.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from greenroom import api
from greenroom.campaign.plan import Choice, read_source
from greenroom.campaign.request import Request
from greenroom.model.mutant import Verdict
from greenroom.model.proof import Proof, Trial

_DECIDED = (Verdict.CAUGHT, Verdict.HUNG, Verdict.ESCAPED, Verdict.UNSEEN)
_PATIENCE = 5.0
"""A suite that takes so many times what it took without a change, beside as many others, counts as hung."""


class Truth:
    """A copy of the project in which files may be changed."""

    def __init__(self, root: Path, python: str, arguments: tuple[str, ...], without: tuple[str, ...]) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="greenroom-truth-")) / root.name
        ignore = shutil.ignore_patterns(".git", ".greenroom", "__pycache__", "node_modules", ".venv")
        shutil.copytree(root, self.root, symlinks=True, ignore=ignore)
        self._python = python
        self._arguments = [*arguments, *(word for name in without for word in ("--deselect", name))]
        self.usual = 60.0

    def is_green(self) -> str:
        """`green`, `red` or `hung`, and the first failing test."""
        command = [self._python, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *self._arguments]
        paths = [str(self.root / part) for part in ("src", ".") if (self.root / part).is_dir()]
        variables = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}  # the copy, not what is installed
        began = time.monotonic()
        with subprocess.Popen(  # noqa: S603
            command, cwd=self.root, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        ) as process:  # fmt: skip
            try:
                out, _ = process.communicate(timeout=self.usual * _PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.communicate()
                return "hung"
        self.seconds = time.monotonic() - began
        if process.returncode == 0:
            return "green"
        failed = next((line for line in out.splitlines() if line.startswith(("FAILED", "ERROR"))), out[-300:])
        return f"red {failed}"

    def with_change(self, trial: Trial) -> str:
        """What the whole suite says of a mutant on disk."""
        file = self.root / trial.mutant.place.path
        before = file.read_bytes()
        text = read_source(file)
        assert text is not None  # noqa: S101
        try:
            file.write_text(trial.mutant.applied_to(text), encoding="utf-8")
            return self.is_green()
        finally:
            file.write_bytes(before)


def again(truth: Truth, trial: Trial, said: str) -> str:
    """The disk is not asked once where it contradicts: a suite may fail by itself on a busy machine."""
    for _ in range(2):
        if not truth.is_green().startswith("green"):
            return "green by itself only now and then"
        second = truth.with_change(trial)
        if agrees(trial, second):
            return second
        said = second
    return said


def agrees(trial: Trial, truth: str) -> bool:
    """Whether a verdict says what the suite says; red and hung are both noticed."""
    noticed = trial.verdict in (Verdict.CAUGHT, Verdict.HUNG)
    return noticed == (truth != "green")


def main() -> None:
    """Print the disagreements, and how many agree."""
    parser = argparse.ArgumentParser()
    parser.add_argument("project", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--sample", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--copies", type=int, default=1, help="of the project, on which mutants are tried at the same time"
    )
    parser.add_argument("--select", default="")
    parser.add_argument("--out", type=Path)
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    given = parser.parse_args(words[:split])
    arguments = tuple(words[split + 1 :])
    choice = Choice(select=tuple(filter(None, given.select.split(","))))
    request = Request(python=given.python, arguments=arguments, choice=choice)
    proof = api.prove(given.project, request, progress=_show)
    print(
        f"{dict(Counter(str(trial.verdict) for trial in proof.trials))}; {proof.rate}; {proof.doubt or 'controls hold'}"
    )
    verify(proof, given, arguments)


def verify(proof: Proof, given: argparse.Namespace, arguments: tuple[str, ...]) -> None:
    """Draw the sample, and try each on disk."""
    without = (*proof.suite.failed, *proof.suite.timing)
    copies = [Truth(given.project.resolve(), given.python, arguments, without) for _ in range(given.copies)]
    try:
        with ThreadPoolExecutor(len(copies)) as pool:
            before = [each for each in pool.map(Truth.is_green, copies) if each != "green"]
            if before:
                print(f"the copy is not green without a change: {before[0]}")
                return
            decided = [trial for trial in proof.trials if trial.verdict in _DECIDED]
            drawn = random.Random(given.seed).sample(decided, min(given.sample, len(decided)))  # noqa: S311
            free: SimpleQueue[Truth] = SimpleQueue()
            for each in copies:
                each.usual = max(2.0, each.seconds)
                free.put(each)
            rows = []
            for row in pool.map(lambda trial: _row(free, trial), drawn):
                rows.append(row)
                _show("on disk", len(rows), len(drawn))
        good = sum(bool(row["agrees"]) for row in rows)
        print(
            f"{good} of {len(drawn)} verdicts agree with the whole suite on disk (seed {given.seed}); load {os.getloadavg()[0]:.1f}"
        )
        if given.out:
            given.out.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    finally:
        for each in copies:
            shutil.rmtree(each.root.parent, ignore_errors=True)


def _row(free: "SimpleQueue[Truth]", trial: Trial) -> dict[str, object]:
    """What a copy that is free says of a verdict."""
    truth, place = free.get(), trial.mutant.place
    try:
        said = truth.with_change(trial)
        if not agrees(trial, said):
            said = again(truth, trial, said)
    finally:
        free.put(truth)
    where = f"{place.path}:{place.line}"
    if not agrees(trial, said):
        print(
            f"DISAGREE {trial.verdict} {trial.mutant.operator} {where} by {trial.by}: on disk {said}",
            flush=True,
        )
    return {
        "verdict": trial.verdict, "truth": said, "agrees": agrees(trial, said), "place": where, "operator": trial.mutant.operator,
        "by": trial.by, "cold": trial.cold,
    }  # fmt: skip


def _show(what: str, done: int, total: int) -> None:
    if done == total or done % 50 == 0:
        print(f"{what}: {done} of {total}", file=sys.stderr)


if __name__ == "__main__":
    main()
