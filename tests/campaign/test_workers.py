"""Which processes a campaign starts, and how long they may take."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from greenroom.campaign.crew import Crew, Task, in_turn
from greenroom.campaign.judgement import Judgement, Steps
from greenroom.campaign.messages import Change, Channel, Ending, Job, Order
from greenroom.campaign.schedule import Case, Schedule
from greenroom.campaign.time_limit import OutOfTimeError
from greenroom.campaign.worker import Worker, start_worker
from greenroom.model.mutant import Verdict
from tests.campaign.conftest import NEEDLESS, ProveProject, write

PRICES = """
    import time

    CURRENCY = "EUR"


    def double(price):
        return price * 2  # mutant: return price


    def wait(seconds):
        time.sleep(seconds)  # mutant: while True: pass
        return seconds
    """
TESTS = """
    import prices


    def test_double():
        assert prices.double(2) == 4


    def test_wait():
        assert prices.wait(2) == 2
    """
CONFTEST = """
    import os

    import pytest

    with open("imports.log", "a") as log:
        print(os.getpid(), file=log)


    @pytest.fixture(autouse=True)
    def noted():
        with open("tests.log", "a") as log:
            print(os.getppid(), os.environ["PYTEST_XDIST_WORKER"], file=log)
    """
OWN = {
    "a folder": "import tempfile\n\nFOLDER = tempfile.mkdtemp()\n",
    "a port": "import socket\n\nwith socket.create_server(('localhost', 0)) as it:\n    PORT = it.getsockname()[1]\n",
    "a name": "import os\n\nDATABASE = 'test_' + os.environ.get('PYTEST_XDIST_WORKER', '')\n",
}
"""What each worker has for itself when it has imported this."""
ALONE = ("-p", "no:rerunfailures")
"""A thread of this plugin would keep the first worker from being forked."""


def test_who_has_observed_goes_on_and_a_loop_is_ended_before_a_wait(prove_project: ProveProject) -> None:
    files = {"prices.py": PRICES, "test_prices.py": TESTS, "conftest.py": CONFTEST}
    proved = prove_project(files, *ALONE, workers=2)
    imports = (proved.root / "imports.log").read_text().splitlines()
    seen = {tuple(line.split()) for line in (proved.root / "tests.log").read_text().splitlines()}
    assert len(imports) == 1, "the project is imported once, in all"
    assert len({number for _, number in seen}) == 2, "and each worker has a number of its own"
    assert len({pid for pid, _ in seen}) >= 2
    assert proved.verdicts() == {"return price * 2": "caught", "time.sleep(seconds)": "hung"}
    limit = float(proved["time.sleep"].error.removeprefix("no end within ").removesuffix(" s"))
    assert limit < 2, "it takes two seconds without a failure, and no processor"


@pytest.mark.parametrize("own", OWN.values(), ids=OWN)
def test_each_worker_imports_what_is_its_own(prove_project: ProveProject, own: str) -> None:
    files = {"prices.py": PRICES, "test_prices.py": TESTS, "conftest.py": CONFTEST, "own.py": own}
    files["test_own.py"] = "import own\n\n\ndef test_own():\n    assert own\n"
    proved = prove_project(files, *ALONE, workers=2)
    assert len((proved.root / "imports.log").read_text().splitlines()) == 2
    assert proved.verdicts() == {"return price * 2": "caught", "time.sleep(seconds)": "hung"}


def test_another_user_may_pass_through_the_temporary_folder_as_through_tmp(
    prove_project: ProveProject,
) -> None:
    private = """
        import stat
        import tempfile
        from pathlib import Path

        import prices


        def test_double():
            own = Path(tempfile.gettempdir())
            ours = [folder for folder in (own, *own.parents) if "/greenroom-" in str(folder)]
            assert ours and all(folder.stat().st_mode & stat.S_IXOTH for folder in ours)
            assert prices.double(2) == 4
        """
    code = "def double(price):\n    return price * 2  # mutant: return price\n"

    proved = prove_project({"prices.py": code, "test_prices.py": private})

    assert proved.verdicts() == {"return price * 2": "caught"}


Start = Callable[[int, bool], Worker]


def _starter(root: Path, started: list[tuple[int, bool]]) -> Start:
    """Starts workers on the tests of a folder; tells which."""

    def start(slot: int, warm: bool) -> Worker:  # noqa: FBT001  - a crew's one question
        started.append((slot, warm))
        arguments = tuple(word for name in NEEDLESS for word in ("-p", f"no:{name}"))
        scratch = root / f"{slot}{warm}"
        scratch.mkdir()
        order = Order(root=str(root), arguments=arguments, scratch=str(scratch), wanted={}, warm=warm)
        worker = start_worker(sys.executable, order)
        if warm:
            assert worker.hear()[0] == "collected"
            worker.tell("ready", None)
        return worker

    return start


def test_a_second_cold_worker_is_started_when_there_is_nothing_else_to_do(tmp_path: Path) -> None:
    write(tmp_path, {"test_it.py": "def test_it():\n    pass\n"})
    started: list[tuple[int, bool]] = []
    jobs = [Job(number=number, tests=("test_it.py::test_it",), limits=(60.0,)) for number in range(6)]
    tasks = [Task(job=job, cold=job.number != 4) for job in jobs]
    with Crew(2, _starter(tmp_path, started)) as crew:
        done = list(crew.work(in_turn(tasks)))
    assert sorted(each.task.job.number for each in done) == list(range(6))
    assert {str(each.answer.ending) for each in done} == {"passed"}
    assert started[:2] == [(0, False), (1, True)]


def test_cold_cases_are_left_to_the_one_cold_worker_while_there_are_others(tmp_path: Path) -> None:
    write(tmp_path, {"test_it.py": "def test_it():\n    pass\n"})
    names = "ABCDEFGHIJKLMNOPQRSTabcd"
    started: list[tuple[int, bool]] = []
    begun: list[str] = []
    start = _starter(tmp_path, started)
    begun_before: list[set[str]] = []

    def noting_start(slot: int, warm: bool) -> Worker:  # noqa: FBT001  - a crew's one question
        begun_before.append(set(begun))
        return start(slot, warm)

    def steps(number: int, text: str) -> Steps:
        begun.append(text)
        job = Job(number=number, tests=("test_it.py::test_it",), limits=(60.0,))
        answer = yield Task(job=job, cold=text.isupper())
        assert answer.ending is Ending.PASSED
        return Judgement(verdict=Verdict.ESCAPED)

    cases = (Case(text, steps(number, text), text.isupper()) for number, text in enumerate(names))
    with Crew(2, noting_start) as crew:
        judged = {owner for owner, _ in Schedule(cases).judge_all(crew)}

    assert judged == set(names)
    assert started[:2] == [(0, False), (1, True)]
    assert all(before >= set("abcd") for before in begun_before[2:]), "a second cold one only in the end"


def test_what_is_never_the_same_twice_is_not_looked_at_again(tmp_path: Path) -> None:
    counter = tmp_path / "imports.txt"
    module = f"""
        with open({str(counter)!r}, "a+") as file:
            file.write(".")
            file.seek(0)
            SEEN = list(file.read())
    """
    write(tmp_path, {"it.py": module, "test_it.py": "import it\n\n\ndef test_it():\n    pass\n"})
    change = Change(path="it.py", text="SEEN = []")
    jobs = [
        Job(number=number, tests=("test_it.py::test_it",), limits=(60.0,), change=change, imprint=True)
        for number in range(3)
    ]
    with Crew(1, _starter(tmp_path, [])) as crew:
        done = list(crew.work(in_turn(Task(job=job, cold=True) for job in jobs)))
    assert [each.answer.ending for each in done] == [Ending.OTHER] * 3
    assert counter.read_text() == "..."


SLOW = """
import json, socket, sys, time
own = socket.socket(fileno=int(sys.argv[1]))
time.sleep(0.5)
line = own.makefile("rb").readline()
own.sendall(json.dumps(["heard", len(json.loads(line)[1])]).encode() + b"\\n")
"""


def test_what_is_told_after_a_wait_that_was_too_short_arrives_whole(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with theirs, (tmp_path / "log").open("w+b") as log:
        other = str(theirs.fileno())
        process = subprocess.Popen(
            [sys.executable, "-c", SLOW, other],
            pass_fds=[theirs.fileno()],
            stderr=log,
            start_new_session=True,
        )
        worker = Worker(Channel(ours), process, log)
        theirs.close()
        with pytest.raises(OutOfTimeError):
            worker.hear(time.monotonic() + 0.01)
        worker.tell("load", "x" * 5_000_000)
        assert worker.hear(time.monotonic() + 60) == ("heard", 5_000_000)
        worker.end()
