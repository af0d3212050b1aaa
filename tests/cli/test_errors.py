import click
import pytest

from greenroom.cli.errors import report_failure
from greenroom.project.files.errors import ConfigurationError, ProjectError


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


def test_an_interruption_is_no_defect(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_failure(click.Abort(), debug=False) == 130
    assert capsys.readouterr().err == "interrupted\n"


def _raised() -> Exception:
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as error:
        return error
    raise AssertionError
