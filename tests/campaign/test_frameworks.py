"""Suites in every style, all in one project: each style notices what it should, and nothing else."""

import pytest

from greenroom.report.proof import render_proof
from tests.campaign.conftest import Proved, ProveProject

APP = """
import asyncio
import http.server
import sys


async def double(number):
    await asyncio.sleep(0)
    return number * 2  # mutant: return number


async def anyio_double(number):
    return number * 2  # mutant: return number + 1


class Account:
    def deposit(self, amount):
        return amount  # mutant: return -amount

    async def deposit_later(self, amount):
        await asyncio.sleep(0)
        return amount + 0  # mutant: return 0

    def note(self):
        return "note"  # mutant: return ""


def connect():
    return {"open": True}  # mutant: return {"open": False}


def greeting():
    return "hello"  # mutant: return "bye"


def unlooked_at():
    return "x"  # mutant: return "y"


def in_a_fork():
    return "fork"  # mutant: return "spoon"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = greeting() + unlooked_at()[:0]
        self.send_response(200)  # mutant: self.send_response(500)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *arguments):
        pass


def serve():
    import name_of_server

    Handler.server_version = name_of_server.NAME
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
"""

NAME_OF_SERVER = """
NAME = "desk"  # mutant: NAME = "task"
"""

TESTS = """
import asyncio
import multiprocessing
import os
import subprocess
import sys
import threading
import unittest
import urllib.request
import http.server

import pytest

import app


@pytest.mark.asyncio
async def test_asyncio():
    assert await app.double(2) == 4


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.mark.anyio
async def test_anyio(anyio_backend):
    assert await app.anyio_double(2) == 4


class TestUnit(unittest.TestCase):
    def setUp(self):
        self.account = app.Account()

    def test_deposit(self):
        self.assertEqual(self.account.deposit(3), 3)

    def test_note(self):
        self.assertIsInstance(self.account.note(), str)


class TestLater(unittest.IsolatedAsyncioTestCase):
    async def test_later(self):
        self.assertEqual(await app.Account().deposit_later(3), 3)


@pytest.fixture(scope="session")
def connection():
    return app.connect()


def test_first_user_of_the_connection(connection):
    assert connection is not None


def test_second_user_of_the_connection(connection):
    assert connection["open"]


@pytest.fixture(scope="module")
def server():
    command = [sys.executable, "-c", "import app; app.serve()"]
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": os.getcwd()}
    with subprocess.Popen(
        command, env=own, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        yield int(process.stdout.readline())
        process.kill()


def test_server_is_there(server):
    assert server > 0


def test_server_answers(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server}/", timeout=20) as response:
        assert response.read() == b"hello"
        assert response.headers["server"].startswith("desk")


def test_fork():
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=lambda: queue.put(app.in_a_fork()))
    process.start()
    assert queue.get() == "fork"
    process.join()


def test_files_of_its_own(tmp_path):
    (tmp_path / "file").write_text(app.Account().note())
    assert len(list(tmp_path.iterdir())) == 1
"""


@pytest.fixture(scope="module")
def proved(prove_project: ProveProject) -> Proved:
    configuration = "[pytest]\naddopts = -n 2 --dist loadscope --cov=app --cov-fail-under=100 --reruns 0\nasyncio_mode = strict\n"
    return prove_project(
        {
            "pytest.ini": configuration, "app.py": APP, "name_of_server.py": NAME_OF_SERVER, "conftest.py": "",
            "tests/test_app.py": TESTS,
        },
        workers=2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "by"),
    [
        ("return number * 2", None),
        ("return amount", "TestUnit::test_deposit"),
        ("return amount + 0", "TestLater::test_later"),
        ('return {"open": True}', "test_second_user_of_the_connection"),
        ('return "hello"', "test_server_answers"),
        ("self.send_response(200)", "test_server_answers"),
        ('return "fork"', "test_fork"),
        ('NAME = "desk"', "test_server_answers"),
    ],
)
def test_each_style_notices(proved: Proved, line: str, by: str | None) -> None:
    trials = [trial for trial in proved.proof.trials if proved.line(trial) == line]

    assert {str(trial.verdict) for trial in trials} == {"caught"}
    for trial in trials:
        assert by is None or trial.by == f"tests/test_app.py::{by}"


def test_what_no_assertion_looks_at_escapes(proved: Proved) -> None:
    assert [proved.line(trial) for trial in proved.proof.trials if trial.verdict == "escaped"] == [
        'return "note"',
        'return "x"',
    ]


def test_a_shared_fixture_is_credited_to_all_who_use_it(proved: Proved) -> None:
    assert proved['return {"open": True}'].tests == (
        "tests/test_app.py::test_first_user_of_the_connection",
        "tests/test_app.py::test_second_user_of_the_connection",
    )


def test_lines_of_a_server_are_credited_to_all_who_use_it_and_who_makes_it_run_them_is_asked_first(
    proved: Proved,
) -> None:
    assert proved['return "hello"'].tests == (
        "tests/test_app.py::test_server_answers",
        "tests/test_app.py::test_server_is_there",
    )


def test_what_only_a_process_imports_that_a_test_starts_needs_no_fresh_import_here(proved: Proved) -> None:
    assert not proved['NAME = "desk"'].cold


def test_the_campaign_can_be_believed(proved: Proved) -> None:
    assert proved.proof.doubt == ""
    assert proved.proof.notices == ()
    assert proved.proof.suite.failed == ()
    assert proved.proof.suite.voting == proved.proof.suite.tests == 11


NEVER_AWAITED = {
    "shop.py": """
        OPEN = []


        def start():
            OPEN.append(1)  # mutant: pass


        async def price(net):
            return net * 2  # mutant: return net * 3
        """,
    "tests/test_shop.py": """
        import unittest
        from unittest import mock

        import shop


        class TestDropped(unittest.TestCase):
            def setUp(self):
                shop.start()

            async def test_price(self):
                self.assertEqual(await shop.price(1), 2)


        class TestAwaited(unittest.IsolatedAsyncioTestCase):
            @mock.patch("shop.OPEN", [])
            async def test_price(self):
                self.assertEqual(await shop.price(1), 2)
        """,
}


def test_a_test_that_nobody_awaits_does_not_vote(prove_project: ProveProject) -> None:
    proved = prove_project(NEVER_AWAITED, "-W", "ignore")

    assert proved.verdicts() == {"OPEN.append(1)": "unseen", "return net * 2": "caught"}
    suite = proved.proof.suite
    assert (suite.tests, suite.voting, suite.failed) == (2, 1, ())
    assert suite.left == ("tests/test_shop.py::TestDropped::test_price",)
    assert (
        "1 are green and never run, as nobody awaits them, and did not vote, "
        "as tests/test_shop.py::TestDropped::test_price" in render_proof(proved.proof, "full")
    )


LATE = {
    "limits.py": "MOST = 3  # mutant: MOST = 4\n",
    "tests/conftest.py": """
        import time

        import pytest


        @pytest.fixture(scope="session", autouse=True)
        def database():
            time.sleep(4)
        """,
    "tests/test_limits.py": """
        import pytest


        def test_there_is_one():
            import limits

            assert limits.MOST


        @pytest.mark.parametrize("number", range(5))
        def test_it_is_three(number):
            import limits

            assert limits.MOST == 3
        """,
}


def test_what_the_first_test_imports_matters_to_those_after_it(prove_project: ProveProject) -> None:
    proved = prove_project(LATE)

    assert proved.verdicts() == {"MOST = 3": "caught"}
    assert proved["MOST = 3"].by == "tests/test_limits.py::test_it_is_three[0]"
