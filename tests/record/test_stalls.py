from collections.abc import Callable

import pytest

from greenroom.model.evidence import Stall, TestEvidence
from greenroom.record.session import SENSORS
from tests.record.suites import PYTEST, Suite

APP = """\
import asyncio
import json
import subprocess
import sys
import time


def load():
    time.sleep(0.3)


async def handler():
    load()


async def reads_a_little():
    with open(__file__) as file:
        return file.read()


if __name__ == "__main__":
    asyncio.run(handler())
"""

TESTS = """\
import asyncio
import subprocess
import sys
import threading
import unittest

import pytest

from app import main


@pytest.mark.asyncio
async def test_stalls():
    await main.handler()


@pytest.mark.asyncio
async def test_reads():
    await main.reads_a_little()


@pytest.mark.asyncio
async def test_waits():
    await asyncio.sleep(0.2)


class TestIsolated(unittest.IsolatedAsyncioTestCase):
    async def test_it(self):
        await main.handler()


def test_server_in_a_thread():
    thread = threading.Thread(target=asyncio.run, args=(main.handler(),))
    thread.start()
    thread.join()


def test_child():
    subprocess.run([sys.executable, main.__file__], check=True)


def test_without_a_loop():
    main.load()
"""

STALLING = ("test_stalls", "TestIsolated::test_it", "test_server_in_a_thread", "test_child")


def project(suite: Suite) -> Suite:
    return suite.write({"app/__init__.py": "", "app/main.py": APP, "tests/test_app.py": TESTS,
                        "pytest.ini": "[pytest]\npythonpath = .\nasyncio_default_fixture_loop_scope = function\n"})  # fmt: skip


def asleep(test: TestEvidence) -> list[Stall]:
    """The stalls of this project's own making: a machine that stands still makes others."""
    return [stall for stall in test.stalls if stall.call == "time.sleep"]


def test_a_stall_belongs_to_the_test_in_which_it_happened(suite: Suite) -> None:
    recorded = project(suite).record()

    assert recorded.code == 0, recorded.out
    assert recorded.recording.run.notes == ()
    for name in STALLING:
        (stall,) = asleep(recorded.test(name))
        assert stall.place is not None
        assert (stall.place.path, stall.place.line, stall.place.symbol) == ("app/main.py", 9, "load")
        assert stall.kind == "io"
        assert [place.symbol for place in stall.chain][-2:] == ["handler", "load"]
    for name in ("test_reads", "test_waits", "test_without_a_loop"):
        assert asleep(recorded.test(name)) == []


def test_so_does_a_blocking_call(suite: Suite) -> None:
    recorded = project(suite).record()

    (call,) = recorded.test("test_reads").blocking
    assert (call.place.path, call.place.line, call.call, call.kind) == ("app/main.py", 17, "open", "file")
    assert recorded.test("test_waits").blocking == ()


def test_nothing_changes_for_the_suite_also_where_warnings_are_errors(suite: Suite) -> None:
    command = (*PYTEST, "-W", "error", "-q", "--durations=0", "--durations-min=100")
    plain = project(suite).run(*command)
    recorded = suite.record(command=command)

    assert plain.code == recorded.code == 0, recorded.out
    assert recorded.out.rpartition(" in ")[0] == plain.out.rpartition(" in ")[0]


def test_no_sensor_loads_asyncio_itself(loaded_by: Callable[[str], set[str]]) -> None:
    modules = ", ".join(f"greenroom.record.{spelled.partition(':')[0]}" for spelled in SENSORS)

    loaded = loaded_by(f"import {modules}")

    assert not loaded & {"asyncio", "greenroom.record.loop"}


AGAIN = """\
import asyncio
import time


async def turns():
    for _ in range(3):
        waits()
        await asyncio.sleep(0.3)


def waits():
    time.sleep(0.4)


if __name__ == "__main__":
    asyncio.run(turns())
"""


@pytest.mark.parametrize(
    "call",
    ["asyncio.run(app.turns())", "subprocess.run([sys.executable, app.__file__], check=True)"],
    ids=["here", "in a process of its own, which tells of it as it goes"],
)
def test_one_cause_is_one_entry_with_a_count(suite: Suite, call: str) -> None:
    text = f"import asyncio\nimport subprocess\nimport sys\nimport app\n\n\ndef test_it():\n    {call}\n"
    recorded = suite.write({"app.py": AGAIN, "test_app.py": text}).record()

    (stall,) = asleep(recorded.test("test_it"))
    assert stall.place is not None
    assert (stall.place.line, stall.kind, stall.times) == (12, "io", 3)
    assert stall.total == pytest.approx(3 * 0.4, rel=0.5)
    assert 0.4 <= stall.seconds < stall.total
