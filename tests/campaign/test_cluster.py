"""A campaign on a scheduler and workers that are processes of their own: they come, go, are killed, and differ."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.campaign.conftest import NEEDLESS, write

FILES = {
    "shop.py": """
        def total(prices):
            return sum(prices)  # mutant: return 0


        def first(prices):
            return prices[0]  # mutant: return prices[-1]


        def note(total):
            text = f"total {total}"  # mutant: text = ""
            return total


        def least(prices):
            return min(prices)  # mutant: return max(prices)


        def count(prices):
            return len(prices)  # mutant: return 1


        def unused():
            return 1  # mutant: return 2

        """,
    "test_shop.py": """
        import shop


        def test_total():
            assert shop.total([1, 2]) == 3


        def test_first():
            assert shop.first([1, 2]) == 1


        def test_note():
            assert shop.note(1) == 1


        def test_least():
            assert shop.least([1, 2]) == 1


        def test_count():
            assert shop.count([1, 2]) == 2
        """,
}
LEAD = """
import sys
from pathlib import Path
from greenroom.campaign.request import Request
from greenroom.campaign.run import prove
from greenroom.model.settings import Settings
from tests.campaign.marked import MARKED
import json, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
root, address, *arguments = sys.argv[1:]
request = Request(arguments=tuple(arguments), cluster=address, workers=2)
found = prove(Path(root), Settings(), [MARKED], request)
print(json.dumps({
    "verdicts": {each.mutant.place.line: [each.verdict, each.by] for each in found.trials},
    "resumed": found.resumed, "notices": found.notices, "doubt": found.doubt,
}))
"""
WITHOUT = [word for name in NEEDLESS for word in ("-p", f"no:{name}")]
REPOSITORY = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Cluster:
    address: str
    workers: list["subprocess.Popen[bytes]"]


@contextmanager
def started(*words: str, log: Path, **variables: str) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            stdout=out,
            stderr=out,
            env={**os.environ, **variables},
            cwd=log.parent,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def eventually(what: Callable[[], Any]) -> Any:
    end = time.monotonic() + 60
    while not (found := what()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    write(root, FILES)
    return root


@pytest.fixture(scope="module")
def cluster(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers with the project's tree, and one with another."""
    folder = tmp_path_factory.mktemp("cluster")
    other = folder / "other"
    shutil.copytree(project, other)
    (other / "shop.py").write_text("changed = True\n", encoding="utf-8")
    file = folder / "scheduler.json"
    quiet = ("--scheduler-file", str(file), "--no-dashboard")
    worker = (
        "distributed.cli.dask_worker",
        *quiet,
        "--no-nanny",
        "--nthreads",
        "1",
        "--local-directory",
        str(folder),
    )
    with ExitStack() as stack:
        scheduler = ("distributed.cli.dask_scheduler", *quiet, "--host", "127.0.0.1", "--port", "0")
        stack.enter_context(started(*scheduler, log=folder / "scheduler.log"))
        workers = [
            stack.enter_context(started(*worker, log=folder / f"{number}.log", GREENROOM_ROOT=str(root)))
            for number, root in enumerate((project, project, other))
        ]
        eventually(file.exists)
        yield Cluster(json.loads(file.read_text(encoding="utf-8"))["address"], workers)


@contextmanager
def leading(project: Path, cluster: Cluster, out: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with out.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-c", LEAD, str(project), cluster.address, *WITHOUT], cwd=REPOSITORY, stdout=told
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def journal(project: Path) -> list[str]:
    return [
        line
        for file in project.glob(".greenroom/prove/*/verdicts.jsonl")
        for line in file.read_text().splitlines()
    ]


def at_work(project: Path) -> list[str]:
    """Processes of campaigns in this project."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            is_ours = (
                str(project) in (entry / "environ").read_text(errors="replace")
                or project == (entry / "cwd").readlink()
            )
            if "greenroom.campaign" in words and is_ours:
                found.append(words)
        except OSError:
            continue
    return found


def test_workers_come_and_go_and_the_verdicts_are_those_of_one_machine(
    project: Path, cluster: Cluster, tmp_path: Path
) -> None:
    with leading(project, cluster, tmp_path / "1.json") as interrupted:
        eventually(lambda: journal(project))
        interrupted.send_signal(signal.SIGINT)
        assert interrupted.wait(60) != 0
    before = len(journal(project))
    eventually(lambda: not at_work(project))

    with leading(project, cluster, tmp_path / "2.json") as process:
        eventually(lambda: len(journal(project)) > before)
        cluster.workers[0].kill()
        assert process.wait(120) == 0
    eventually(lambda: not at_work(project))

    told = json.loads((tmp_path / "2.json").read_text(encoding="utf-8"))
    assert told["verdicts"] == {
        "3": ["caught", "test_shop.py::test_total"],
        "7": ["caught", "test_shop.py::test_first"],
        "11": ["escaped", ""],
        "16": ["caught", "test_shop.py::test_least"],
        "20": ["caught", "test_shop.py::test_count"],
        "24": ["unseen", ""],
    }  # as on one machine
    assert told["resumed"] >= before
    assert told["doubt"] == ""
    (refused,) = told["notices"]
    assert refused.endswith("was refused: shop.py differs")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://127.0.0.1:1"])
def test_without_a_scheduler_it_says_so(tmp_path: Path, address: str) -> None:
    (tmp_path / "shop.py").write_text("import httpx\n\nCLIENT = httpx.Client(timeout=5)\n", encoding="utf-8")

    # Not in this process: the threads of distributed outlive its client, and would be in the way of other tests.
    told = subprocess.run(
        [sys.executable, "-m", "greenroom", "prove", str(tmp_path), "--cluster", address],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (told.returncode, told.stdout) == (2, "")
    assert f"no scheduler answers at {address}: start one with `dask scheduler`" in told.stderr


ASK = """
import json, os, sys
from pathlib import Path
from greenroom.campaign.errand import run_shard
address, order = sys.argv[1:]
def children():
    return [path.read_text().split() for path in Path("/proc/self/task").glob("*/children")]
try:
    if address:
        from distributed import Client
        with Client(address) as client:
            client.submit(run_shard, order, pure=False, retries=0).result()
    else:
        run_shard(order)
except Exception as error:
    print(json.dumps([type(error).__name__, str(error), sum(map(len, children()))]))
"""


def asked(address: str, root: Path) -> list[Any]:
    """What became of a shard that no process can judge: the kind of the error, its words, and how many processes are left."""
    order = {
        "root": str(root),
        "python": "",
        "arguments": [],
        "observation": {},
        "subjects": [],
        "seconds": 0,
    }
    ran = subprocess.run(
        [sys.executable, "-c", ASK, address, json.dumps(order)],
        capture_output=True, text=True, check=True, cwd=REPOSITORY, timeout=120,
    )  # fmt: skip
    found: list[Any] = json.loads(ran.stdout)
    return found


def test_what_a_process_of_a_shard_says_of_its_end_reaches_who_leads(project: Path, cluster: Cluster) -> None:
    kind, words, _ = asked(cluster.address, project)
    assert (kind, words.splitlines()[-1]) == ("RuntimeError", "KeyError: 'tests'")


def test_a_shard_that_nobody_can_wait_for_leaves_no_process(project: Path) -> None:
    kind, words, left = asked("", project)
    assert (kind, left) == ("ValueError", 0)
    assert "No worker found" in words
