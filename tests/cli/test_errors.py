import subprocess
import sys
from pathlib import Path

import click
import pytest

from greenroom.cli.errors import report_failure
from greenroom.project.files.errors import ConfigurationError, ProjectError

_HANDLER = """\
def price(text):
    try:
        return int(text)
    except ValueError:
        raise LookupError(text) from None
"""
_TEST = """\
from shop import price


def test_price():
    assert price("3") == 3
"""


def test_a_wrong_path_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_failure(ProjectError("nowhere: no such folder"), debug=False) == 2
    assert capsys.readouterr().err == "greenroom: nowhere: no such folder\n"


def test_all_problems_of_a_configuration_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    error = ConfigurationError(("--select: `X` is no code", "GREENROOM_TESTS: no such setting"))

    assert report_failure(error, debug=False) == 2
    assert capsys.readouterr().err == (
        "greenroom: the configuration is not valid:\n"
        "  --select: `X` is no code\n"
        "  GREENROOM_TESTS: no such setting\n"
    )


def test_a_defect_has_a_place_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_failure(_raised(), debug=False) == 3
    said = capsys.readouterr().err
    assert said.startswith("greenroom: internal error: ZeroDivisionError: division by zero")
    assert "test_errors.py:" in said
    assert "--debug" in said
    assert "Traceback" not in said


def test_a_defect_has_a_traceback_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_failure(_raised(), debug=True) == 3
    said = capsys.readouterr().err
    assert "Traceback (most recent call last)" in said
    assert "--debug" not in said


@pytest.mark.parametrize("arguments", [["record", "--", "true"], ["prove", "."]])
def test_a_project_that_cannot_be_written_is_no_defect(tmp_path: Path, arguments: list[str]) -> None:
    """A file where the folder must be: even the superuser cannot write below it."""
    (tmp_path / "shop.py").write_text(_HANDLER, encoding="utf-8")
    (tmp_path / "test_shop.py").write_text(_TEST, encoding="utf-8")
    (tmp_path / ".greenroom").write_text("", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "greenroom", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2, done.stderr
    assert f"{tmp_path}/.greenroom" in done.stderr
    assert "Not a directory." in done.stderr
    assert "defect" not in done.stderr


def test_an_interruption_is_no_defect(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_failure(click.Abort(), debug=False) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_a_module_that_is_cut_off_is_a_defect_and_no_interruption() -> None:
    """What click takes for the end of somebody's input."""
    code = (
        "import marshal, sys\n"
        "class Cut:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'greenroom.cli.modes':\n"
        "            marshal.loads(b'')\n"
        "sys.meta_path.insert(0, Cut())\n"
        "import greenroom.cli\n"
        "sys.exit(greenroom.cli.run(['modes']))\n"
    )
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 3
    assert done.stderr.lstrip().startswith(
        "greenroom: internal error: EOFError: EOF read where object expected"
    )


def _raised() -> Exception:
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as error:
        return error
    raise AssertionError
