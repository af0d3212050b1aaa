"""A command that another environment's Python runs is named, where ours may be meant; and nowhere else."""

import os
import shutil
import sys
import venv
from pathlib import Path

import pytest

from tests.record.suites import GREENROOM, Suite

OWN = Path(sys.executable).parent
LATER = os.environ["PATH"]


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    root = tmp_path / "project"
    root.mkdir()
    return Suite(root=root).write({"test_a.py": "def test_a():\n    assert 1\n"})


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The programs of an environment that has Python, and a script that says whose it is."""
    venv.create(tmp_path / "other", with_pip=False, symlinks=True)
    programs = tmp_path / "other" / "bin"
    script(programs / "pytest", f"#!{programs / 'python'}\nprint('of the other')\n")
    return programs


def script(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


def told(suite: Suite, *command: str, path: str) -> tuple[str, list[str]]:
    ran = suite.run(*GREENROOM, "--", *command, PATH=path)
    return ran.out, [line for line in ran.err.splitlines() if "environment than" in line]


def test_a_program_of_another_environment_is_run_and_named(suite: Suite, other: Path) -> None:
    notice = (
        f"greenroom: `pytest` is {other / 'pytest'}, of another environment than greenroom's own; "
        f"that one's is {OWN / 'pytest'}"
    )
    assert told(suite, "pytest", path=f"{other}:{LATER}") == ("of the other\n", [notice])
    assert len(told(suite, "python", "-c", "", path=f"{other}:{LATER}")[1]) == 1


def test_a_long_way_to_the_interpreter_is_understood(suite: Suite, other: Path) -> None:
    python = other / "python"
    script(other / "pytest", f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\nprint('far')\n")

    out, notices = told(suite, "pytest", path=f"{other}:{LATER}")

    assert (out, len(notices)) == ("far\n", 1)


def test_what_is_named_in_full_or_ours_is_not_spoken_of(suite: Suite, other: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    linked.mkdir()
    shutil.copy(OWN / "pytest", linked / "pytest")
    shim = tmp_path / "shims"
    shim.mkdir()
    script(shim / "pytest", "#!/bin/sh\necho shim\n")

    assert told(suite, "pytest", "--version", path=f"{OWN}:{LATER}")[1] == []
    assert told(suite, "pytest", "--version", path=f"{linked}:{LATER}")[1] == []
    assert told(suite, "pytest", path=f"{shim}:{LATER}") == ("shim\n", [])
    assert told(suite, str(other / "pytest"), path=f"{other}:{LATER}") == ("of the other\n", [])
    assert told(suite, "sh", "-c", "", path=f"{other}:{LATER}")[1] == []


@pytest.mark.parametrize("named", [False, True])
def test_prove_names_the_active_environment_unless_one_is_named(
    suite: Suite, other: Path, *, named: bool
) -> None:
    python = ("--python", str(other / "python")) if named else ()

    ran = suite.run(sys.executable, "-m", "greenroom", "prove", *python, VIRTUAL_ENV=str(other.parent))

    notice = f"greenroom: the tests run with {other / 'python'}, of the active environment; greenroom's own is {sys.executable}"
    assert (notice in ran.err) is not named
