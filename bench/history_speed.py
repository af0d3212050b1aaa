"""How fast histories are read: commits a second, on a made repository or on real ones.

    python bench/history_speed.py                     # 25,000 files, 5,000 commits, 3,000 deleted tests
    python bench/history_speed.py --last 5000 REPOSITORY...

Reading the tree for which tests run is the audit's, and is timed apart.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from greenroom.history.repository import Repository
from greenroom.history.run import read_deletions, read_range
from greenroom.history.vanished import read_turnover

_MODULES, _TEST_FILES, _TESTS_OF_A_FILE = 20_000, 5_000, 8
_DELETED = 3_000
_AUTHOR = "A <a@example.org>"


def main(arguments: Sequence[str]) -> int:
    """Print a line per repository."""
    options = _parser().parse_args(arguments)
    for folder in options.repositories:
        print(_measured(folder, options.last))
    if not options.repositories:
        with TemporaryDirectory() as temporary:
            _make(Path(temporary), options.last)
            print(_measured(Path(temporary), options.last))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", type=Path, nargs="*")
    parser.add_argument("--last", type=int, default=5_000, help="commits")
    return parser


def _measured(folder: Path, last: int) -> str:
    repository = Repository(folder)
    began = _now()
    chosen = read_range(repository, last=last)
    tree = repository.tree(chosen.last)
    changes = list(repository.changes("--first-parent", "--diff-merges=first-parent", *chosen.selection))
    read_turnover(repository, changes, tree)
    found = _now()
    deletions, _ = read_deletions(repository, chosen, lambda *_survivor: "")
    judged = _now()
    commits = len(chosen.commits)
    return (
        f"{folder.name}: {len(tree):,} Python files, {commits:,} commits, {len(deletions):,} deletions; "
        f"to find them {_spent(began, found)}, {commits / (found[0] - began[0]):,.0f} commits/s; "
        f"to find and judge them {_spent(found, judged)}, {commits / (judged[0] - found[0]):,.0f} commits/s"
    )


def _now() -> tuple[float, float]:
    """The clock, and the CPU time of this process and its children."""
    times = os.times()
    return time.monotonic(), times.user + times.system + times.children_user + times.children_system


def _spent(start: tuple[float, float], end: tuple[float, float]) -> str:
    return f"{end[0] - start[0]:.1f} s ({end[1] - start[1]:.1f} s of CPU, git's with it)"


def _make(folder: Path, commits: int) -> None:
    """A history in which tests are edited, moved and deleted, and modules change."""
    subprocess.run(["git", "init", "--quiet", "--bare", folder], check=True)  # noqa: S603, S607
    stream = "".join(_story(commits)).encode()
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=stream, check=True)  # noqa: S607
    subprocess.run(["git", "symbolic-ref", "HEAD", "refs/heads/main"], cwd=folder, check=True)  # noqa: S607


def _story(commits: int) -> Iterator[str]:
    rng = random.Random(20261121)  # noqa: S311  - the same history each time
    tests = {number: list(range(_TESTS_OF_A_FILE)) for number in range(_TEST_FILES)}
    yield _commit(0, "begin")
    for number in range(_MODULES):
        yield _file(_module_path(number), _module(number, 0))
    for number, kept in tests.items():
        yield _file(_test_path(number), _suite(number, kept))
    for at in range(1, commits):
        yield _commit(at, f"change {at}")
        module = rng.randrange(_MODULES)
        yield _file(_module_path(module), _module(module, at))
        if rng.random() < _DELETED / commits:
            number = rng.choice([one for one in rng.choices(range(_TEST_FILES), k=20) if tests[one]])
            tests[number].pop(rng.randrange(len(tests[number])))
            yield _file(_test_path(number), _suite(number, tests[number]))


def _commit(at: int, subject: str) -> str:
    return f"commit refs/heads/main\ncommitter {_AUTHOR} {1_700_000_000 + at} +0000\ndata {len(subject)}\n{subject}\n"


def _file(path: str, text: str) -> str:
    return f"M 100644 inline {path}\ndata {len(text)}\n{text}\n"


def _module_path(number: int) -> str:
    return f"shop/part{number % 200}/module{number}.py"


def _test_path(number: int) -> str:
    return f"tests/part{number % 200}/test_module{number}.py"


def _module(number: int, version: int) -> str:
    return "\n\n".join(
        f"def rule_{number}_{at}(order):\n    total = sum(order.prices) * {at}\n    return total + {version}\n"
        for at in range(_TESTS_OF_A_FILE)
    )


def _suite(number: int, kept: Sequence[int]) -> str:
    module = _module_path(number).removesuffix(".py").replace("/", ".")
    tests = (
        f"def test_rule_{number}_{at}(make_order):\n    order = make_order([{at}, {number}])\n"
        f"    order.customer = 'customer {at * number}'\n    assert module{number}.rule_{number}_{at}(order) == {at * at}\n"
        for at in kept
    )
    return "\n\n".join([f"from {module.rpartition('.')[0]} import module{number}\n", *tests])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
