"""Evidence from processes that a test starts comes back to that test."""

from pathlib import Path

import pytest

from greenroom.model.evidence import Outcome
from greenroom.record.recording import read_recording
from tests.record.suites import Suite

CONNECT = """\
    import os
    import signal
    import socket
    import sys


    def connect(port):
        with socket.create_connection(("127.0.0.1", int(port))) as connection:
            connection.sendall(b"x")


    if __name__ == "__main__":
        connect(sys.argv[1])
        if "killed" in sys.argv:
            os.kill(os.getpid(), signal.SIGKILL)
    """
TESTS = """\
    import multiprocessing
    import os
    import socket
    import subprocess
    import sys

    import pytest

    from connect import connect


    @pytest.fixture
    def port():
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            yield str(listener.getsockname()[1])


    def test_subprocess(port):
        subprocess.run([sys.executable, "connect.py", port], check=True)


    def test_through_a_shell(port):
        subprocess.run(f"{sys.executable} connect.py {port}", shell=True, check=True)


    def test_killed(port):
        subprocess.run([sys.executable, "connect.py", port, "killed"])


    @pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
    def test_multiprocessing(port, method):
        process = multiprocessing.get_context(method).Process(target=connect, args=(port,))
        process.start()
        process.join()
        assert process.exitcode == 0


    def test_fork(port):
        pid = os.fork()
        if not pid:
            connect(port)
            os._exit(0)
        os.waitpid(pid, 0)


    def test_without_environment(port):
        subprocess.run([sys.executable, "connect.py", port], check=True, env={})


    def test_says_nothing():
        assert True
    """


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_connections_of_children_belong_to_the_test(suite: Suite, arguments: tuple[str, ...]) -> None:
    suite.write({"connect.py": CONNECT, "tests/test_a.py": TESTS, "pytest.ini": "[pytest]\npythonpath = .\n"})

    ran = suite.record(*arguments)

    assert ran.code == 0, ran.out
    reached = {
        test.id.partition("::")[2]
        for test in ran.recording.tests
        if any(each.kind != "process" and each.peer.startswith("127.0.0.1:") for each in test.crossings)
    }
    assert reached == {
        "test_subprocess",
        "test_through_a_shell",
        "test_killed",
        "test_multiprocessing[fork]",
        "test_multiprocessing[spawn]",
        "test_multiprocessing[forkserver]",
        "test_fork",
    }


STALLS = """\
    import asyncio
    import sys
    import time


    async def handler():
        time.sleep(0.4)
        await asyncio.sleep(0)


    if __name__ == "__main__":
        asyncio.run(handler())
    """


def test_a_loop_that_stalls_in_a_child_is_told_of_the_test(suite: Suite) -> None:
    test = """\
        import subprocess
        import sys

        def test_it():
            subprocess.run([sys.executable, "app.py"], check=True)
        """
    suite.write({"app.py": STALLS, "test_a.py": test})

    ran = suite.record()

    assert ran.code == 0, ran.out
    (seen,) = ran.recording.tests
    slept = [stall.place for stall in seen.stalls if stall.call == "time.sleep"]
    assert [(place.path, place.line) for place in slept if place] == [("app.py", 7)]


def test_late_evidence_of_a_test_whose_own_line_is_missing(tmp_path: Path) -> None:
    lines = [
        '{"run": {"id": "x", "started": 1.0, "command": ["pytest"]}}',
        '{"late": {"id": "test_a.py::test_a", "never_awaited": ["go"]}}',
    ]
    (tmp_path / "run-1.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    (test,) = read_recording(tmp_path).tests

    assert (test.id, test.outcome, test.never_awaited) == ("test_a.py::test_a", Outcome.UNFINISHED, ("go",))


def test_a_child_without_a_sitecustomize_of_its_own_starts_in_silence(suite: Suite) -> None:
    test = """
        import subprocess
        import sys


        def test_quiet():
            child = [sys.executable, "-c", "import sys; print('sitecustomize' in sys.modules)"]
            ran = subprocess.run(child, capture_output=True, text=True, check=True)
            assert (ran.stdout, ran.stderr) == ("True\\n", "")
        """
    suite.write({"tests/test_a.py": test})

    assert suite.record("-q").test("test_quiet").outcome is Outcome.PASSED
