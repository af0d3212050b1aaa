"""How fast the engine of `greenroom prove` is beside its peers: the same mutants, files, tests and number of workers.

    python bench/prove_speed.py PROJECT --peers VENV --package tenacity [--file F ...] [-- PYTEST-ARGUMENT...]

VENV holds mutmut 3.8, cosmic-ray, pytest and what the project's tests need, not the project itself. mutmut runs first and
generates; its mutants become ours, so that engines are compared and not operators. cosmic-ray has mutants of its own, of
which a random sample is run, by as many of its processes as there are workers, each on a copy of the project. PSS of all
processes together is sampled; CPU seconds are those of all that ended. Where a peer does not come to its end within
`--patience`, the rate is that of what it had decided.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from prove_peers import (
    Target,
    configure_cosmic_ray,
    configure_mutmut,
    cosmic_ray_verdicts,
    draw,
    leave_sample,
    mutmut_mutants,
    mutmut_verdicts,
)

from greenroom.campaign.archive import Archive
from greenroom.campaign.checking import check
from greenroom.campaign.fingerprint import take_fingerprint
from greenroom.campaign.judgement import Judge, Judgement
from greenroom.campaign.panel import LocalPanel
from greenroom.campaign.plan import Plan
from greenroom.campaign.request import Request
from greenroom.campaign.stage import Stage
from greenroom.campaign.subject import Reach
from greenroom.model.mutant import Verdict

_EVERY = 0.25
"""Seconds between two looks at the memory."""
_SAME = {"caught": "killed", "broken": "killed", "hung": "hung", "escaped": "survived", "unseen": "no test"}


@dataclass(slots=True, kw_only=True)
class Cost:
    """What a command took, with all its offspring."""

    seconds: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    """MiB of proportional set size."""
    load: tuple[float, float] = (0.0, 0.0)
    """Average of the last minute, before and after."""
    began: float = 0.0
    """Seconds until it tried the first mutant."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What an engine said of the mutants."""

    name: str
    cost: Cost
    verdicts: dict[str, str] = field(default_factory=dict)

    @property
    def decided(self) -> int:
        return len(self.verdicts)

    def row(self) -> str:
        """Of the table in Markdown."""
        cost = self.cost
        counts = ", ".join(f"{count} {name}" for name, count in Counter(self.verdicts.values()).most_common())
        trying = cost.seconds - cost.began
        return (
            f"| {self.name} | {self.decided} | {counts} | {cost.seconds:.1f} ({trying:.1f}) | {self.decided / cost.seconds * 60:.0f} "
            f"({self.decided / trying * 60:.0f}) | {cost.cpu:.1f} | {self.decided / cost.cpu * 60:.0f} | {cost.peak:.0f} | "
            f"{cost.load[0]:.1f} → {cost.load[1]:.1f} |"
        )


def main(words: Sequence[str]) -> None:
    """Run all three, and print what there is to compare."""
    split = words.index("--") if "--" in words else len(words)
    given = _parser().parse_args(words[:split])
    arguments = tuple(words[split + 1 :])
    files = tuple(given.file) or tuple(_sources(given.project, given.package))
    target = Target(package=given.package, files=files, arguments=arguments, tests=given.tests)
    if given.engine:
        _engine(given, target)
        return
    with tempfile.TemporaryDirectory(prefix="greenroom-speed-") as folder:
        _compare(given, target, Path(folder))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project", type=Path)
    parser.add_argument("--peers", type=Path, required=True, help="the virtual environment of the peers")
    parser.add_argument("--package", required=True, help="the folder of the sources")
    parser.add_argument("--file", action="append", default=[], help="mutate this one only")
    parser.add_argument("--tests", default="tests")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--sample", type=int, default=60, help="mutants of cosmic-ray that are run; 0: do not run it"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--patience", type=float, default=3600.0, help="seconds after which a peer is stopped"
    )
    parser.add_argument("--out", type=Path, help="verdicts and costs as JSON")
    parser.add_argument("--engine", type=Path, help=argparse.SUPPRESS)
    return parser


def _sources(project: Path, package: str) -> Iterator[str]:
    return (str(file.relative_to(project)) for file in sorted((project / package).rglob("*.py")))


def _copied(project: Path, folder: Path) -> Path:
    ignore = shutil.ignore_patterns(".git", ".greenroom", "__pycache__", "mutants", ".venv", "node_modules")
    shutil.copytree(project, folder, symlinks=True, ignore=ignore)
    return folder


def _compare(given: argparse.Namespace, target: Target, folder: Path) -> None:
    python = str((given.peers / "bin" / "python").absolute())
    generated = _copied(given.project, folder / "mutmut" / given.project.name)
    outcomes = [_mutmut(generated, target, python, given)]
    ours = _ours(_copied(given.project, folder / "ours" / given.project.name), generated, given, target)
    outcomes.insert(0, ours)
    if given.sample:
        outcomes.append(_cosmic_ray(given, target, python, folder))
    print(
        f"\n{given.project.name}, {len(target.files)} files; {given.workers} workers; {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}\n"
    )
    print("| engine | mutants | verdicts | seconds (of these, trying) | mutants per minute (while trying) | CPU seconds | mutants per CPU minute | peak PSS, MiB | load |")  # fmt: skip
    print("|---|--:|---|--:|--:|--:|--:|--:|--:|")
    for outcome in outcomes:
        print(outcome.row())
    print()
    for outcome in outcomes[1:]:
        _ratio(ours, outcome)
    _disagreements(ours, mutmut_verdicts(generated))
    if given.out:
        given.out.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1))


def _ratio(ours: Outcome, other: Outcome) -> None:
    wall = (ours.decided / ours.cost.seconds) / (other.decided / other.cost.seconds)
    trying = (ours.decided / (ours.cost.seconds - ours.cost.began)) / (
        other.decided / (other.cost.seconds - other.cost.began)
    )
    cpu = (ours.decided / ours.cost.cpu) / (other.decided / other.cost.cpu)
    print(f"{other.name}: {wall:.1f} times in all, {trying:.1f} times while trying, {cpu:.1f} times by CPU")


def _disagreements(ours: Outcome, theirs: dict[str, str]) -> None:
    """Killed and hung are both noticed; survived and without a test are not."""
    noticed = {"killed": True, "hung": True, "survived": False, "no test": False}
    both = [
        (key, _SAME[said], theirs[key])
        for key, said in sorted(ours.verdicts.items())
        if said in _SAME and theirs.get(key) in noticed
    ]
    differing = [each for each in both if noticed[each[1]] != noticed[each[2]]]
    print(f"mutmut and ours: {len(both) - len(differing)} of {len(both)} agree on whether it is noticed")
    for key, own, other in differing:
        print(f"  {key}: ours {own}, mutmut {other}")


def _mutmut(root: Path, target: Target, python: str, given: argparse.Namespace) -> Outcome:
    configure_mutmut(root, target)
    command = [python, "-m", "mutmut", "run", "--max-children", str(given.workers)]
    cost = _measured([command], [root], given.patience, began="Running mutation testing")
    verdicts = {name: said for name, said in mutmut_verdicts(root).items() if said != "exit code None"}
    if not verdicts:
        print((root / "log.txt").read_text(errors="replace")[-3000:], file=sys.stderr)
    return Outcome(name="mutmut", cost=cost, verdicts=verdicts)


def _ours(root: Path, generated: Path, given: argparse.Namespace, target: Target) -> Outcome:
    words = ["--peers", str(given.peers.absolute()), "--package", target.package, "--tests", target.tests,
             "--workers", str(given.workers), *(word for file in target.files for word in ("--file", file)), "--",
             *target.arguments]  # fmt: skip
    command = [sys.executable, str(Path(__file__).resolve()), str(root), "--engine", str(generated), *words]
    cost = _measured([command], [root], given.patience * 10, began="observed")
    answer = root / "engine.json"
    if not answer.exists():
        print((root / "log.txt").read_text(errors="replace")[-3000:], file=sys.stderr)
    told = json.loads(answer.read_text())
    for line in told["notes"]:
        print(line)
    return Outcome(name="greenroom", cost=cost, verdicts=told["verdicts"])


def _cosmic_ray(given: argparse.Namespace, target: Target, python: str, folder: Path) -> Outcome:
    """A share of the sample for each of its processes."""
    roots = [
        _copied(given.project, folder / f"cosmic-{number}" / given.project.name)
        for number in range(given.workers)
    ]
    drawn: list[str] = []
    for number, root in enumerate(roots):
        configure_cosmic_ray(root, target, python, timeout=60)
        if number == 0:
            _measured(
                [[python, "-m", "cosmic_ray.cli", "init", "cosmic.toml", "session.sqlite"]], [root], 600
            )
            drawn = draw(root / "session.sqlite", given.sample, given.seed)
        else:
            shutil.copy(roots[0] / "session.sqlite", root / "session.sqlite")
    for number, root in enumerate(roots):
        leave_sample(root / "session.sqlite", drawn[number :: given.workers])
    command = [python, "-m", "cosmic_ray.cli", "exec", "cosmic.toml", "session.sqlite"]
    cost = _measured([command] * len(roots), roots, given.patience)
    said = [verdict for root in roots for verdict in cosmic_ray_verdicts(root / "session.sqlite")]
    return Outcome(
        name="cosmic-ray",
        cost=cost,
        verdicts={str(number): verdict for number, verdict in enumerate(said)},
    )


# Measuring


def _measured(commands: list[list[str]], roots: list[Path], patience: float, began: str = "") -> Cost:
    """Run commands at the same time, each in its folder, until all have ended."""
    cost = Cost(load=(os.getloadavg()[0], 0.0))
    start = time.monotonic()
    used = _cpu()
    processes = []
    for command, root in zip(commands, roots, strict=True):
        with (root / "log.txt").open("wb") as log:
            processes.append(
                subprocess.Popen(  # noqa: S603
                    command, cwd=root, stdout=log, stderr=log, env=_variables(root), start_new_session=True
                )
            )
    watch = threading.Thread(target=_watch, args=(processes, roots[0] / "log.txt", began, cost, start))
    watch.start()
    for process in processes:
        try:
            process.wait(max(1.0, patience - (time.monotonic() - start)))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGINT)
            process.wait()
    cost.seconds = time.monotonic() - start
    watch.join()
    cost.cpu = _cpu() - used
    cost.load = (cost.load[0], os.getloadavg()[0])
    return cost


def _variables(root: Path) -> dict[str, str]:
    """The project is imported from its copy, and all keep bytecode as they do by themselves."""
    foreign = ("PYTEST", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**own, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(Path(__file__).parent)
            if "ours" in root.parts else ""}  # fmt: skip


def _cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _watch(processes: list[subprocess.Popen[bytes]], log: Path, began: str, cost: Cost, start: float) -> None:
    """Until all have ended: how much memory they take, and when they begin."""
    while any(process.poll() is None for process in processes):
        cost.peak = max(cost.peak, sum(_pss(process.pid) for process in processes))
        if began and not cost.began and began.encode() in log.read_bytes():
            cost.began = time.monotonic() - start
        time.sleep(_EVERY)


def _pss(pid: int) -> float:
    """MiB of a process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    family, waiting = [], [pid]
    while waiting:
        family.append(waiting.pop())
        waiting += parents.get(family[-1], [])
    return sum(map(_own_pss, family))


def _own_pss(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


# Our engine, in a process of its own


def _engine(given: argparse.Namespace, target: Target) -> None:
    """Observe, judge every mutant, then the controls: what `greenroom prove` does, with mutants from elsewhere."""
    root = given.project.resolve()
    mutants = tuple(mutmut_mutants(given.engine))
    texts = {
        path: (root / path).read_text(encoding="utf-8") for path in {each.place.path for each in mutants}
    }
    plan = Plan(mutants=mutants, texts=texts)
    request = Request(
        python=str((given.peers / "bin" / "python").absolute()),
        arguments=(*target.arguments, target.tests),
        workers=given.workers,
    )
    with ExitStack() as stack:
        began = time.monotonic()
        fingerprint = take_fingerprint(root, request.interpreter())
        stage = stack.enter_context(Stage(root, plan, request, lambda *_: None))
        stage.begin()
        archive = Archive(root, fingerprint, request)
        observation = stage.observe(archive.folder)
        print("observed", flush=True)
        observed = time.monotonic()
        journal = stack.enter_context(archive.journal(observation))
        crew = stack.enter_context(stage.crew(observation))
        panel = LocalPanel(Judge(observation), crew)
        reach = Reach(observation)
        subjects = [reach.of(mutant, texts[mutant.place.path]) for mutant in mutants]
        judged = {each.mutant.key: Judgement(verdict=Verdict.UNSEEN) for each in subjects}
        for subject, judgement in panel.judge_all((each, each) for each in subjects if each.tests):
            journal.add(subject, judgement)
            judged[subject.mutant.key] = judgement
        tried = time.monotonic()
        controls = list(check(subjects, texts, observation, panel))
    lost = [
        f"{control.place.path}:{control.place.line} {control.check}: {control.error}"
        for control in controls
        if not control.held
    ]
    cold = sum(each.cold and bool(each.tests) for each in subjects)
    notes = [
        f"{len(observation.tests)} tests, of which {sum(test.votes for test in observation.tests)} vote",
        f"observing {observed - began:.1f} s, trying {tried - observed:.1f} s, controls {time.monotonic() - tried:.1f} s",
        f"{len(controls)} controls, of which {len(lost)} did not hold {lost or ''}; {cold} mutants need a new import",
    ]
    told = {
        "notes": notes,
        "verdicts": {key: str(judgement.verdict) for key, judgement in judged.items()},
        "judgements": {key: asdict(judgement) for key, judgement in judged.items()},
    }
    (root / "engine.json").write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
