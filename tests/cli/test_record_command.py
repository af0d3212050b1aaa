import os
import pty
import re
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest

from greenroom import api
from greenroom.model.evidence import Outcome
from tests.conftest import RunGreenroom
from tests.record.suites import GREENROOM, PYTEST, Suite, clean

PYTHON = sys.executable


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    root = tmp_path / "project"
    root.mkdir()
    return Suite(root=root).write({"test_a.py": "def test_a():\n    assert 1\n\n\ndef test_b():\n    pass\n"})


def test_a_run_is_told_in_short_on_standard_error(suite: Suite) -> None:
    usual = ("-q", "-p", "no:asyncio")  # which warns on standard error
    plain = suite.run(*PYTEST, *usual)
    ran = suite.record(*usual)

    folder = Path(".greenroom") / "runs" / ran.recording.run.id
    assert ran.out.partition(" in ")[0] == plain.out.partition(" in ")[0]
    assert ran.err.splitlines() == [
        f"greenroom: recorded 2 tests in {folder}: 2 passed",
        "greenroom:   1 passed without asserting anything",
    ]
    assert ran.recording.run.command == (*PYTEST, *usual)
    assert ran.recording.run.seconds > 0


@pytest.mark.parametrize("code", [0, 1, 5, 77])
def test_the_exit_code_is_the_commands(suite: Suite, code: int) -> None:
    ran = suite.run(*GREENROOM, "--", PYTHON, "-c", f"print('out'); raise SystemExit({code})")

    assert (ran.code, ran.out) == (code, "out\n")


def test_the_input_is_the_commands(suite: Suite) -> None:
    command = [*GREENROOM, "--", PYTHON, "-c", "print(input())"]
    done = subprocess.run(
        command, cwd=suite.root, env=clean({}), input="said\n", capture_output=True, text=True, check=False
    )

    assert done.stdout == "said\n"


def test_options_of_the_command_stay_its_own(suite: Suite) -> None:
    ran = suite.run(
        *GREENROOM, PYTHON, "-c", "import sys; print(sys.argv[1:])", "--project", "x", "--help", "--"
    )

    assert ran.out == "['--project', 'x', '--help', '--']\n"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"])
def test_signals_are_passed_on(suite: Suite, name: str) -> None:
    program = (
        "import signal, sys, pathlib, time\n"
        "def caught(number, frame):\n    print(signal.Signals(number).name, flush=True); sys.exit(9)\n"
        f"signal.signal(signal.{name}, caught)\n"
        "pathlib.Path('ready').touch()\n"
        "time.sleep(60)\n"
    )
    command = [*GREENROOM, "--", PYTHON, "-c", program]
    started = subprocess.Popen(
        command, cwd=suite.root, env=clean({}), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    while not (suite.root / "ready").exists():
        assert started.poll() is None
        time.sleep(0.05)
    started.send_signal(getattr(signal, name))
    out, _ = started.communicate()

    assert (started.returncode, out) == (9, f"{name}\n")


def test_a_command_that_a_signal_ends_ends_as_in_a_shell(suite: Suite) -> None:
    assert suite.run(*GREENROOM, "--", "sh", "-c", "kill -TERM $$").code == 128 + signal.SIGTERM


def test_on_a_terminal_the_command_is_on_a_terminal_and_interrupted_once(suite: Suite) -> None:
    program = (
        "import signal, sys, time\n"
        "caught = []\n"
        "signal.signal(signal.SIGINT, lambda number, frame: caught.append(number))\n"
        "print(sys.stdout.isatty(), flush=True)\n"
        "while not caught:\n"
        "    time.sleep(0.05)\n"
        "time.sleep(0.5)\n"
        "print('caught', len(caught))\n"
    )
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(suite.root)
        os.execve(PYTHON, [*GREENROOM, "--", PYTHON, "-c", program], clean({}))  # noqa: S606
    seen = b""
    while b"True" not in seen:
        seen += os.read(terminal, 1000)
    os.write(terminal, b"\x03")
    while not re.search(rb"caught \d", seen):
        seen += os.read(terminal, 1000)
    os.waitpid(pid, 0)
    os.close(terminal)

    assert b"caught 1" in seen


def test_no_command(greenroom: RunGreenroom) -> None:
    outcome = greenroom("record")

    assert outcome.code == 2
    assert "greenroom record -- pytest" in outcome.err


def test_no_such_command(suite: Suite) -> None:
    ran = suite.run(*GREENROOM, "--", "no-such-program")

    assert ran.code == 127
    assert ran.err == "greenroom: no-such-program could not be started: No such file or directory\n"


def test_a_command_without_tests_is_said_to_have_recorded_nothing(suite: Suite) -> None:
    ran = suite.run(*GREENROOM, "--", PYTHON, "-c", "pass")

    assert ran.code == 0
    assert "nothing was recorded" in ran.err
    assert "GREENROOM_RUN" in ran.err


def test_a_command_that_runs_pytest_twice(suite: Suite) -> None:
    pytest_ = " ".join(PYTEST)
    ran = suite.record(command=("sh", "-c", f"{pytest_} -q test_a.py::test_a && {pytest_} -q"))

    found = sorted((test.id, test.repeat) for test in ran.recording.tests)
    assert found == [("test_a.py::test_a", 0), ("test_a.py::test_a", 1), ("test_a.py::test_b", 0)]


def test_sensors_can_stay_off(suite: Suite) -> None:
    ran = suite.run(
        *GREENROOM, "--without", "assertions,replacements", "--without", "never_awaited", "--", *PYTEST
    )

    recording = suite.last_recording()
    assert ran.code == 0
    assert not {"assertions", "replacements", "never_awaited"} & set(recording.run.sensors)
    assert [test.assertions for test in recording.tests] == [0, 0]


def test_the_project_may_be_elsewhere(suite: Suite, tmp_path: Path) -> None:
    ran = Suite(root=tmp_path).run(*GREENROOM, "--project", "project", "--", *PYTEST, "project")

    assert ran.code == 0
    assert [test.id for test in suite.last_recording().tests] == ["test_a.py::test_a", "test_a.py::test_b"]


def test_the_users_own_sitecustomize_is_loaded_as_ever(suite: Suite) -> None:
    suite.write(
        {"mine/sitecustomize.py": "import sys\nprint('mine', [p for p in sys.path if 'greenroom' in p])\n"}
    )
    mine = {"PYTHONPATH": str(suite.root / "mine")}
    program = "import os, sitecustomize; print(sitecustomize.__file__)"

    ran = suite.run(*GREENROOM, "--", PYTHON, "-c", program, **mine)

    plain = suite.run(PYTHON, "-c", program, **mine)
    assert ran.code == 0
    assert ran.out == f"mine []\n{plain.out}"  # once for greenroom itself


def test_where_greenroom_is_not_installed_it_is_lent(suite: Suite) -> None:
    """As with a Greenroom of its own beside a project that has another environment."""
    python = _environment_with_pytest(suite.root.parent / "venv")

    ran = suite.record(command=(python, "-m", "pytest", "-W", "error"))

    assert ran.code == 0, ran.out
    assert [(test.outcome, test.assertions) for test in ran.recording.tests] == [
        (Outcome.PASSED, 1),
        (Outcome.PASSED, 0),
    ]
    assert suite.run(python, "-c", "import greenroom").code == 1


def test_the_library_does_the_same(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(suite.root)
    for name in [name for name in os.environ if name.startswith(("PYTEST_", "GREENROOM_"))]:
        monkeypatch.delenv(name)

    code, folder = api.record([*PYTEST, "-q"], suite.root)

    assert code == 0
    assert len(api.recording(folder).tests) == 2


def _environment_with_pytest(folder: Path) -> str:
    """An environment that has pytest, from this one's packages, and nothing of ours."""
    venv.create(folder, with_pip=False, symlinks=True)
    packages = next((folder / "lib").iterdir()) / "site-packages"
    ours = Path(pytest.__file__).parents[1]
    for pattern in (
        "pytest",
        "pytest-[0-9]*",
        "_pytest",
        "py.py",
        "pluggy*",
        "iniconfig*",
        "packaging*",
        "pygments*",
    ):
        for found in ours.glob(pattern):
            (packages / found.name).symlink_to(found)
    return str(folder / "bin" / "python")


def test_a_run_in_which_nothing_ran_is_no_evidence(suite: Suite) -> None:
    """An import that fails ends the run before any test: it knows nothing, and the run before it all."""
    good = suite.record("-q").recording.run.id
    suite.write({"test_a.py": "import gone\n"})

    broken = suite.record("-q")

    assert broken.err.startswith("greenroom: no test came as far as its body: 1 error, see above.")
    assert "does not rest on this run" in broken.err
    rested = api.audit(suite.root).evidence
    assert rested is not None
    assert rested.run == good


def test_a_command_that_fails_before_any_test_is_told_first(suite: Suite) -> None:
    failed = suite.run(*GREENROOM, "--", PYTHON, "-c", "raise SystemExit(3)")
    fine = suite.run(*GREENROOM, "--", PYTHON, "-c", "")

    assert "ended with exit code 3" in failed.err.splitlines()[1]
    assert "exit code" not in fine.err


def test_a_run_that_was_broken_off_counts_only_where_there_is_no_other(suite: Suite) -> None:
    suite.write(
        {
            "test_b.py": "import os\n\n\ndef test_c():\n    if 'STOP' in os.environ:\n        raise KeyboardInterrupt\n"
        }
    )
    stopped = suite.record("-q", STOP="1")
    alone = api.audit(suite.root).evidence
    whole = suite.record("-q").recording.run.id
    suite.record("-q", STOP="1")

    assert "1 unfinished" in stopped.err
    assert alone is not None
    assert alone.run == stopped.recording.run.id
    rested = api.audit(suite.root).evidence
    assert rested is not None
    assert rested.run == whole
