"""What the recorder costs, and whether it changes anything: public suites with and without it, pair by pair.

Each suite comes as a source distribution from PyPI, into an environment of its own; after that
nothing needs the network. The two runs of a pair follow each other, and take turns in who is first; what is
printed is the median of the pairs' ratios. CPU seconds are those of pytest and all its children. What
`greenroom record` takes beside the tests, to start and to fill the store, is the same for every suite.
"""

import argparse
import os
import platform
import re
import resource
import subprocess
import sys
import tarfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from greenroom.record import environment
from greenroom.record.run_folder import RunFolder

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A public project whose tests run offline."""

    name: str
    requires: tuple[str, ...]
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One run of a suite."""

    seconds: float
    """By the clock."""
    cpu: float
    code: int
    told: tuple[str, ...]
    """What pytest said of each test, in its order."""


SUITES = (
    Suite(
        name="starlette",
        requires=("anyio", "trio", "httpx<0.29", "httpx2", "itsdangerous", "jinja2", "python-multipart", "pyyaml",
                  "blockbuster", "opentelemetry-sdk", "importlib-metadata", "pytest-codspeed"),
    ),
    Suite(
        name="flask",
        requires=("python-dotenv", "asgiref", "greenlet", "pytest<9"),  # it imports a name that pytest 9 has not
    ),
    Suite(name="tenacity", requires=("tornado", "typeguard", "trio")),
    Suite(
        name="httpx",
        requires=("uvicorn", "trustme", "cryptography", "chardet", "brotli", "zstandard", "trio", "h2", "socksio",
                  "rich", "click", "pygments"),
    ),
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Measure, and print a table in Markdown."""
    options = _parser().parse_args(arguments)
    folder = options.folder.resolve()
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}\n")
    print(
        "| suite | tests | ratio of CPU (worst) | ratio by the clock | pairs | same outcomes, order and exit code |"
    )
    print("|---|---|---|---|---|---|")
    unchanged = True
    for suite in SUITES:
        if not options.suite or suite.name in options.suite:
            python = _environment(folder / suite.name)
            source = _fetch(suite, folder / suite.name, python)
            unchanged = _report(suite, source, python, options) and unchanged
    return 0 if unchanged else 1


def _report(suite: Suite, source: Path, python: Path, options: argparse.Namespace) -> bool:
    pairs = []
    plain = [
        str(python),
        "-m",
        "pytest",
        "-v",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        *suite.arguments,
    ]
    bare = _bare()
    for turn in range(-1, options.pairs):
        announced = _announced(source, plain, options.without)
        order = (bare, announced) if turn % 2 else (announced, bare)
        costs = {id(variables): _run(plain, source, variables) for variables in order}
        if turn >= 0:  # the first pair fills the caches of both
            pairs.append((costs[id(bare)], costs[id(announced)]))
    cpu = [after.cpu / before.cpu for before, after in pairs]
    clock = [after.seconds / before.seconds for before, after in pairs]
    same = all((before.told, before.code) == (after.told, after.code) for before, after in pairs)
    print(
        f"| {suite.name} | {len(pairs[0][0].told)} | {median(cpu):.3f} ({max(cpu):.3f}) | {median(clock):.3f} "
        f"| {len(pairs)} | {'yes' if same else 'NO'} (exit code {pairs[0][0].code}) |",
        flush=True,
    )
    if not same:
        _show_difference(pairs)
    return same


def _show_difference(pairs: list[tuple[Cost, Cost]]) -> None:
    for before, after in pairs:
        different = sorted(set(before.told) ^ set(after.told))
        print(f"  {before.code} → {after.code}: {different[:6] or 'another order'}", file=sys.stderr)


def _run(command: list[str], source: Path, variables: dict[str, str]) -> Cost:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False, env=variables)  # noqa: S603
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = (re.sub(r"\s*\[ *\d+%\]|0x[0-9a-f]+", "", line) for line in done.stdout.splitlines())
    told = tuple(
        line for line in lines if re.search(r"::.* (?:PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b", line)
    )
    if not told:
        print(done.stdout[-2000:], done.stderr[-2000:], sep="\n", file=sys.stderr)
    return Cost(seconds=seconds, cpu=cpu, code=done.returncode, told=told)


def _announced(source: Path, command: list[str], without: str) -> dict[str, str]:
    """The environment that `greenroom record` gives to its command."""
    folder = RunFolder(source)
    folder.open(command)
    variables = _bare() | {environment.WITHOUT: without}
    environment.announce(variables, str(folder.path))
    return variables


def _bare() -> dict[str, str]:
    own = ("PYTEST_", "GREENROOM_", "PYTHONDONTWRITEBYTECODE")  # whoever writes no cache would gain by ours
    return {name: value for name, value in os.environ.items() if not name.startswith(own)}


def _environment(folder: Path) -> Path:
    """An environment with Greenroom as it stands here, and pytest."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)  # noqa: S603
        _install(python, "-e", str(_ROOT), "pytest", "-c", str(_ROOT / "constraints.txt"))
    return python


def _fetch(suite: Suite, folder: Path, python: Path) -> Path:
    """The unpacked source distribution, with itself and what its tests need installed."""
    unpacked = [each for each in folder.glob(f"{suite.name}-*") if each.is_dir()]
    if unpacked:
        return unpacked[0]
    command = [
        str(python),
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        ":all:",
        suite.name,
    ]
    subprocess.run([*command, "--dest", str(folder)], check=True, capture_output=True)  # noqa: S603
    (archive,) = folder.glob(f"{suite.name}-*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    source = archive.with_name(archive.name.removesuffix(".tar.gz"))
    _install(python, str(source), *suite.requires)
    return source


def _install(python: Path, *what: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    subprocess.run(command, check=True)  # noqa: S603


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=5, help="runs with and without, of each suite")
    parser.add_argument("--suite", action="append", choices=[suite.name for suite in SUITES])
    parser.add_argument("--without", default="", help="sensors that stay off")
    parser.add_argument(
        "--folder", type=Path, default=_ROOT / "build" / "bench-record", help="kept for the next time"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
