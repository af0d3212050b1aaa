import sys

from greenroom.model.evidence import TestEvidence
from tests.record.suites import Suite

APP = """\
import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

KEPT = []
STOP = threading.Event()


def thread():
    worker = threading.Thread(target=STOP.wait, name="worker")
    worker.start()
    return worker


def connect(address):
    KEPT.append(socket.create_connection(address))


def descriptor(path):
    KEPT.append(open(path, "w"))


def pipe():
    KEPT.append(os.pipe())


def process():
    KEPT.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))


def file():
    return tempfile.mkstemp()


async def wait():
    await asyncio.sleep(60)


async def forget():
    KEPT.append(asyncio.get_running_loop().create_task(wait(), name="forgotten"))
    await asyncio.sleep(0)


def memory():
    KEPT.append(bytearray(os.urandom(1)) * 50_000_000)
"""

TESTS = """\
import asyncio
import contextlib
import os
import socket
import threading
import pytest
import app

LATER = threading.Event()
THREADS = []


@pytest.fixture(scope="module")
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()


@pytest.fixture(scope="session")
def worker():
    worker = app.thread()
    yield worker
    app.STOP.set()
    worker.join()


@pytest.fixture(scope="module")
def loop_of_module():
    loop = asyncio.new_event_loop()
    reader, writer = os.pipe()
    yield loop
    os.close(reader)
    os.close(writer)
    loop.close()


@pytest.fixture(scope="session")
def served():
    # a loop in a thread, for as long as the session lasts
    loop = asyncio.new_event_loop()

    def run():
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    stop = asyncio.Event()

    async def serve():
        asyncio.ensure_future(app.wait())
        await stop.wait()

    thread = threading.Thread(target=run)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(stop.set)
    thread.join()


def test_nothing(tmp_path): (tmp_path / "file").write_text("x")


def test_fixtures(listener, worker, loop_of_module): pass


def test_thread(worker):
    app.thread()


def test_connection(listener):
    app.connect(listener)


def test_closed(listener):
    socket.create_connection(listener).close()


def test_descriptor(tmp_path):
    app.descriptor(tmp_path / "log")


def test_pipe():
    app.pipe()


def test_process():
    app.process()


def test_file():
    number, path = app.file()
    os.close(number)


def test_task():
    asyncio.run(app.forget())


@pytest.mark.asyncio
async def test_async_task():
    await app.forget()


@pytest.mark.asyncio
async def test_awaited():
    task = asyncio.ensure_future(asyncio.wait_for(app.wait(), 0.01))
    with pytest.raises(TimeoutError):
        await task


def test_ends_a_little_later():
    later = threading.Thread(target=LATER.wait, name="later")
    later.start()
    THREADS.append(later)


def test_memory():
    LATER.set()
    THREADS.pop().join()
    app.memory()


def test_served(served): pass


def test_last():
    for each in app.KEPT:
        if hasattr(each, "communicate"):
            each.communicate(b"\\n")
        elif hasattr(each, "close"):
            each.close()
"""


def left(test: TestEvidence) -> list[tuple[str, str, int]]:
    return [(each.kind, each.name, each.place.line if each.place else 0) for each in test.leaks]


def test_what_a_test_leaves_behind(suite: Suite) -> None:
    ran = suite.write({"app.py": APP, "tests/test_app.py": TESTS}).record(PYTHONPATH=str(suite.root))

    assert ran.code == 0, ran.out
    assert ran.recording.run.notes == ()
    found = {test.id.partition("::")[2]: left(test) for test in ran.recording.tests}
    ((kind, name, line),) = found.pop("test_connection")
    assert (kind, name.partition(":")[0], line) == ("connection", "127.0.0.1", 21)
    ((kind, name, line),) = found.pop("test_descriptor")
    assert (kind, name.endswith("/log"), line) == ("descriptor", True, 25)
    process = found.pop("test_process")
    assert process[0][::2] == ("process", 33)
    assert process[0][1].startswith("python")
    ((kind, name, line),) = found.pop("test_file")
    assert (kind, line) == ("file", 37)
    assert found == {
        "test_nothing": [],
        "test_fixtures": [],
        "test_thread": [("thread", "worker", 16)],
        "test_closed": [],
        "test_pipe": [("descriptor", "pipe", 0), ("descriptor", "pipe", 0)],
        "test_task": [("task", "wait", 41)],
        "test_async_task": [("task", "wait", 41)],
        "test_awaited": [],
        "test_ends_a_little_later": [],
        "test_memory": [],
        "test_served": [],
        "test_last": [],
    }
    assert ran.test("test_memory").memory > 40_000_000


def test_the_pipe_that_libuv_keeps_for_the_process_is_nobodys(suite: Suite) -> None:
    ran = suite.write(
        {
            "tests/test_a.py": """
            import asyncio
            import os
            import uvloop


            def test_first():
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    runner.run(asyncio.sleep(0))


            def test_pipe():
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    runner.run(asyncio.sleep(0))
                os.pipe()


            def test_last():
                pass
            """
        }
    ).record()

    assert ran.code == 0, ran.out
    assert left(ran.test("test_first")) == []
    assert left(ran.test("test_pipe")) == [("descriptor", "pipe", 0)] * 2


def test_what_unittests_loop_and_asgirefs_worker_keep_is_nobodys(suite: Suite) -> None:
    ran = suite.write(
        {
            "tests/__init__.py": "",
            "tests/test_a.py": """
            import threading
            import unittest
            from asgiref.sync import sync_to_async


            class Asynchronous(unittest.IsolatedAsyncioTestCase):
                async def test_one(self):
                    self.assertTrue(True)

                async def test_other(self):
                    self.assertTrue(True)

                async def test_worker(self):
                    self.assertTrue(await sync_to_async(threading.current_thread)())


            class Last(unittest.TestCase):
                def test_last(self):
                    self.assertTrue(True)
            """,
        }
    ).record(command=(sys.executable, "-m", "unittest"))

    assert ran.code == 0, ran.err
    assert ran.recording.run.notes == ()
    assert [(test.id.rpartition("::")[2], left(test)) for test in ran.recording.tests] == [
        (name, []) for name in ("test_one", "test_other", "test_worker", "test_last")
    ]
