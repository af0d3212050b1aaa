import re
import signal
import subprocess
import sys
import time

import pytest

from greenroom.model.evidence import Outcome
from tests.record.suites import GREENROOM, PYTEST, Suite, clean

EVERY_OUTCOME = {
    "tests/test_outcomes.py": """\
        import pytest


        def test_passed():
            assert 1


        def test_failed():
            assert 1 == 2


        @pytest.fixture
        def broken():
            raise LookupError("no such thing")


        @pytest.fixture
        def broken_after():
            yield
            raise LookupError("no such thing")


        def test_error(broken):
            pass


        def test_error_after(broken_after):
            pass


        def test_skipped():
            pytest.skip("later")


        @pytest.mark.xfail(reason="known")
        def test_xfailed():
            raise ValueError("x")


        @pytest.mark.xfail(reason="known")
        def test_xpassed():
            pass


        @pytest.mark.xfail(run=False)
        def test_not_run():
            pass
        """,
    "tests/test_module.py": """\
        import pytest

        pytest.importorskip("nothing_of_this_name")
        """,
    "tests/test_broken.py": "import nothing_of_this_name\n",
}
OUTCOMES = {
    "tests/test_broken.py": (Outcome.ERROR, "ModuleNotFoundError"),
    "tests/test_module.py": (Outcome.SKIPPED, ""),
    "tests/test_outcomes.py::test_passed": (Outcome.PASSED, ""),
    "tests/test_outcomes.py::test_failed": (Outcome.FAILED, "AssertionError"),
    "tests/test_outcomes.py::test_error": (Outcome.ERROR, "LookupError"),
    "tests/test_outcomes.py::test_error_after": (Outcome.ERROR, "LookupError"),
    "tests/test_outcomes.py::test_skipped": (Outcome.SKIPPED, ""),
    "tests/test_outcomes.py::test_xfailed": (Outcome.XFAILED, "ValueError"),
    "tests/test_outcomes.py::test_xpassed": (Outcome.XPASSED, ""),
    "tests/test_outcomes.py::test_not_run": (Outcome.XFAILED, ""),
}


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_every_outcome_is_kept_and_nothing_else_changes(suite: Suite, arguments: tuple[str, ...]) -> None:
    suite.write(EVERY_OUTCOME)
    usual = ("-v", "--continue-on-collection-errors", *arguments)

    plain = suite.run(*PYTEST, *usual)
    ran = suite.record(*usual)

    assert {test.id: (test.outcome, test.failure) for test in ran.recording.tests} == OUTCOMES
    assert ran.code == plain.code == ran.recording.run.exit_code == 1
    assert _told(ran.out) == _told(plain.out)
    assert {test.worker for test in ran.recording.tests} <= ({"gw0", "gw1"} if arguments else {""})


def test_phases_have_their_durations(suite: Suite) -> None:
    ran = suite.write(
        {
            "test_a.py": """
            import time

            import pytest


            @pytest.fixture
            def slow():
                time.sleep(0.06)
                yield
                time.sleep(0.02)


            def test_a(slow):
                time.sleep(0.04)
            """
        }
    ).record()

    test = ran.test("test_a")
    assert (test.setup >= 0.06, test.call >= 0.04, test.teardown >= 0.02) == (True, True, True)
    assert test.setup + test.call + test.teardown < ran.recording.run.seconds
    assert ran.recording.run.started < test.started < ran.recording.run.started + ran.recording.run.seconds


def test_a_killed_run_keeps_what_it_has(suite: Suite) -> None:
    ran = suite.write(
        {
            "test_a.py": """
            import os
            import signal


            def test_done():
                assert 1


            def test_killed():
                os.kill(os.getpid(), signal.SIGKILL)
            """
        }
    ).record()

    assert ran.code == 128 + signal.SIGKILL
    outcomes = [(test.id, test.outcome) for test in ran.recording.tests]
    assert outcomes == [
        ("test_a.py::test_done", Outcome.PASSED),
        ("test_a.py::test_killed", Outcome.UNFINISHED),
    ]


def test_a_worker_that_dies_leaves_its_test_unfinished(suite: Suite) -> None:
    ran = suite.write(
        {
            "test_a.py": """
            import os


            def test_dies():
                os._exit(3)


            def test_lives():
                assert 1
            """
        }
    ).record("-n", "1")

    assert ran.test("test_dies").outcome is Outcome.UNFINISHED
    assert ran.test("test_lives").outcome is Outcome.PASSED


def test_repeated_ids_are_numbered(suite: Suite) -> None:
    ran = suite.write(
        {
            "conftest.py": """
            def pytest_collection_modifyitems(items):
                items[:] = items * 3
            """,
            "test_a.py": "def test_a():\n    assert 1\n",
        }
    ).record()

    assert [(test.id, test.repeat) for test in ran.recording.tests] == [
        ("test_a.py::test_a", n) for n in range(3)
    ]


def test_each_attempt_of_a_rerun_is_a_test_of_its_own(suite: Suite) -> None:
    ran = suite.write(
        {
            "test_a.py": """
            TRIED = []


            def test_flaky():
                TRIED.append(1)
                assert len(TRIED) == 3
            """
        }
    ).record("--reruns", "4")

    outcomes = [(test.repeat, test.outcome, test.assertions) for test in ran.recording.tests]
    assert outcomes == [(0, Outcome.FAILED, 1), (1, Outcome.FAILED, 1), (2, Outcome.PASSED, 1)]


def test_pytest_itself_can_be_asked(suite: Suite) -> None:
    suite.write({"test_a.py": "def test_a():\n    assert 1\n"})

    ran = suite.run(*PYTEST, "--greenroom")

    assert ran.code == 0
    recording = suite.last_recording()
    assert f"greenroom: recorded in .greenroom/runs/{recording.run.id}" in ran.out
    assert [test.assertions for test in recording.tests] == [1]
    assert recording.run.command == ("pytest", *PYTEST[3:], "--greenroom")
    assert recording.run.exit_code == 0
    assert recording.run.id in suite.run(sys.executable, "-m", "greenroom", "runs").out


def test_workers_share_the_run_that_pytest_was_asked_for(suite: Suite) -> None:
    suite.write(
        {
            "test_a.py": """
            import pytest


            @pytest.mark.parametrize("n", range(8))
            def test_a(n):
                assert 1
            """
        }
    )

    ran = suite.run(*PYTEST, "--greenroom", "-n", "2")

    assert ran.code == 0
    assert len(list((suite.root / ".greenroom" / "runs").iterdir())) == 1
    tests = suite.last_recording().tests
    assert [(test.assertions, test.repeat) for test in tests] == [(1, 0)] * 8
    assert {test.worker for test in tests} == {"gw0", "gw1"}


def test_nothing_is_recorded_unless_asked(suite: Suite) -> None:
    ran = suite.write({"test_a.py": "def test_a():\n    assert 1\n"}).run(*PYTEST)

    assert ran.code == 0
    assert not (suite.root / ".greenroom").exists()


def test_ids_begin_at_the_projects_root(suite: Suite) -> None:
    suite.write(
        {
            "backend/pytest.ini": "[pytest]\n",
            "backend/tests/test_a.py": "def test_a():\n    assert 1\n",
        }
    )

    ran = suite.record("backend")

    assert ran.test("test_a").id == "backend/tests/test_a.py::test_a"


def test_a_pytest_inside_a_test_is_no_part_of_the_suite(suite: Suite) -> None:
    ran = suite.write(
        {
            "conftest.py": "pytest_plugins = ['pytester']\n",
            "test_a.py": """
            def test_in_process(pytester):
                pytester.makepyfile("def test_inner():\\n    assert 1\\n")
                pytester.runpytest_inprocess("-p", "no:asyncio", "-W", "error").assert_outcomes(passed=1)


            def test_in_a_process(pytester):
                pytester.makepyfile("def test_inner():\\n    assert 1\\n")
                pytester.runpytest_subprocess("-p", "no:asyncio", "-W", "error").assert_outcomes(passed=1)
            """,
        }
    ).record()

    assert ran.code == 0, ran.out
    assert [test.id for test in ran.recording.tests] == [
        "test_a.py::test_in_process",
        "test_a.py::test_in_a_process",
    ]


def test_a_recorder_that_breaks_fails_no_test_and_is_reported(suite: Suite) -> None:
    ran = suite.write(
        {
            "conftest.py": """
            from greenroom.record.assertions import AssertionSensor
            from greenroom.record.replacements import ReplacementSensor


            def broken(self, test):
                raise ZeroDivisionError("in the recorder")


            AssertionSensor.end = broken
            ReplacementSensor.begin = broken
            """,
            "test_a.py": "def test_a():\n    assert 1\n\n\ndef test_b():\n    assert 2\n",
        }
    ).record()

    assert ran.code == 0
    assert [test.outcome for test in ran.recording.tests] == [Outcome.PASSED, Outcome.PASSED]
    for name in ("assertions", "replacements"):
        assert f"sensor {name} is off from here: ZeroDivisionError: in the recorder" in ran.err
    assert "sensor assertions is off" in ran.test("test_a").notes[0]
    assert ran.test("test_b").notes == ()


def test_an_interrupted_run_keeps_its_exit_code(suite: Suite) -> None:
    suite.write(
        {
            "test_a.py": """
            import pathlib
            import time


            def test_long():
                pathlib.Path("begun").touch()
                time.sleep(60)
            """
        }
    )
    command = [*GREENROOM, "--", *PYTEST]
    started = subprocess.Popen(
        command, cwd=suite.root, env=clean({}), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while not (suite.root / "begun").exists():
        assert started.poll() is None
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    out, _ = started.communicate()

    assert started.returncode == 2
    assert b"KeyboardInterrupt" in out
    assert suite.last_recording().run.exit_code == 2


def _told(out: str) -> list[str]:
    """What pytest says, without times, paths of caches and the order in which workers report."""
    lines = (re.sub(r"\d+\.\d+s|\[gw\d\]|\[ *\d+%\]|in \d+.*", "", line).strip() for line in out.splitlines())
    return sorted(line for line in lines if "scheduling" not in line and "workers" not in line)
