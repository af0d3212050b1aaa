"""What the recorder costs, and whether it changes anything: public suites with and without it, pair by pair.

Each suite comes as a source distribution from PyPI, into an environment of its own; after that
nothing needs the network. The two runs of a pair follow each other, and take turns in who is first; what is
printed is the median of the pairs' ratios. CPU seconds are those of pytest and all its children. What
`greenroom record` takes beside the tests, to start and to fill the store, is the same for every suite.

`--sensors` then measures on a part of each suite what each sensor costs: all of them, and all but one, in turns.
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
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from statistics import median

from greenroom.record import environment
from greenroom.record.run_folder import RunFolder
from greenroom.record.session import SENSORS

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A public project whose tests run offline."""

    name: str
    requires: tuple[str, ...]
    part: tuple[str, ...] = ()
    """Test files that take a few seconds; empty: all are quick."""


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
        part=("tests/test_requests.py", "tests/test_routing.py", "tests/test_websockets.py"),
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
        part=("tests/client", "tests/models"),
    ),
    Suite(
        name="werkzeug",
        requires=("pytest-timeout", "ephemeral-port-reserve", "cryptography", "watchdog", "greenlet"),
        part=("tests/sansio", "tests/test_http.py", "tests/test_routing.py", "tests/test_test.py", "tests/test_wrappers.py"),
    ),
    Suite(
        name="djangorestframework",
        requires=("django<6", "pytest-django", "dj-database-url", "django-filter", "inflection", "markdown", "pygments",
                  "pyyaml", "requests", "uritemplate", "importlib-metadata", "pytest-cov"),
    ),
    Suite(
        name="django_allauth",
        requires=("django<6", "pytest-django", "pytest-asyncio", "requests", "requests-oauthlib", "pyjwt[crypto]", "qrcode", "fido2",
                  "python3-saml", "oauthlib", "python3-openid", "pillow", "pyyaml", "djangorestframework", "django-ninja", "psycopg2-binary"),
        part=("tests/apps/account", "tests/apps/mfa", "tests/apps/headless"),
    ),
    Suite(
        name="fastapi",
        requires=("httpx<0.29", "httpx2", "pytest-timeout", "pytest-xdist", "sqlmodel", "flask", "pyjwt", "python-multipart", "email-validator", "dirty-equals", "orjson",
                  "ujson", "pyyaml", "itsdangerous", "jinja2", "inline-snapshot", "anyio[trio]", "pwdlib[argon2]"),
        part=("tests/test_tutorial/test_security", "tests/test_tutorial/test_dependencies", "tests/test_tutorial/test_sql_databases"),
    ),
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Measure, and print a table in Markdown."""
    options = _parser().parse_args(arguments)
    folder = options.folder.resolve()
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"{datetime.now(UTC):%Y-%m-%d}, load average {os.getloadavg()[0]:.1f}\n"
    )
    suites = [suite for suite in SUITES if not options.suite or suite.name in options.suite]
    sources = {suite.name: _prepare(suite, folder / suite.name) for suite in suites}
    print(
        "| suite | tests | ratio of CPU (worst) | ratio by the clock | pairs | same outcomes, order and exit code |"
    )
    print("|---|---|---|---|---|---|", flush=True)
    unchanged = [_report(suite, *sources[suite.name], options) for suite in suites]
    if options.sensors:
        print("\n| suite | all sensors | without |\n|---|---|---|", flush=True)
        for suite in suites:
            _report_sensors(suite, *sources[suite.name], options.pairs)
    return 0 if all(unchanged) else 1


def _prepare(suite: Suite, folder: Path) -> tuple[Path, Path]:
    """The suite's source, and the Python that runs it."""
    _say(f"{suite.name}: environment and source")
    python = _environment(folder)
    return _fetch(suite, folder, python), python


def _say(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


def _command(suite: Suite, python: Path, *, only_part: bool) -> list[str]:
    part = suite.part if only_part else ()
    return [str(python), "-m", "pytest", "-v", "-p", "no:cacheprovider", "-p", "no:randomly", *part]


def _report_sensors(suite: Suite, source: Path, python: Path, turns: int) -> None:
    """One line: the ratio with all sensors, and with all but each, each against the bare run of its turn."""
    plain = _command(suite, python, only_part=True)
    names = [_name_of(spelled) for spelled in SENSORS]
    ratios: dict[str, list[float]] = {name: [] for name in ("", *names)}
    for turn in range(turns):
        _say(f"{suite.name}: turn {turn + 1} of {turns}, without each sensor")
        before = _run(plain, source, _bare()).cpu
        for name in ("", *names) if turn % 2 else (*names, ""):
            ratios[name].append(_run(plain, source, _announced(source, plain, name)).cpu / before)
    without = ", ".join(f"{name} {median(ratios[name]):.2f}" for name in names)
    print(f"| {suite.name} | {median(ratios['']):.2f} | {without} |", flush=True)


def _name_of(spelled: str) -> str:
    module, _, kind = spelled.partition(":")
    return str(getattr(import_module(f"greenroom.record.{module}"), kind).name)


def _report(suite: Suite, source: Path, python: Path, options: argparse.Namespace) -> bool:
    pairs = []
    plain = _command(suite, python, only_part=options.part)
    bare = _bare()
    for turn in range(-1, options.pairs):
        _say(f"{suite.name}: pair {turn + 1} of {options.pairs}{'' if turn >= 0 else ', not counted'}")
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
        if (before.told, before.code) == (after.told, after.code):
            continue
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
    _install(python, "-e", str(source), *suite.requires)  # else an installed copy is what its tests import
    return source


def _install(python: Path, *what: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    subprocess.run(command, check=True)  # noqa: S603


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=3, help="runs with and without, of each suite")
    parser.add_argument("--suite", action="append", choices=[suite.name for suite in SUITES])
    parser.add_argument("--part", action="store_true", help="only a part of each suite")
    parser.add_argument("--sensors", action="store_true", help="what each sensor costs, too")
    parser.add_argument("--without", default="", help="sensors that stay off")
    parser.add_argument(
        "--folder", type=Path, default=_ROOT / "build" / "bench-record", help="kept for the next time"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
