"""`greenroom new-test` as a user meets it."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import RunGreenroom, WriteProject
from tests.draft.projects import FLASK


@pytest.fixture
def web(write_project: WriteProject, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = write_project(FLASK)
    monkeypatch.chdir(root)
    return root


def test_a_whole_file_is_printed_and_told_where_it_belongs(greenroom: RunGreenroom, web: Path) -> None:
    ran = greenroom("new-test", "W7", "--path", "web.py:18")

    assert (
        ran.out
        == '''\
"""Notices W7 drop-validation at web.py:18: what should be turned away is let in.

Check that it does: greenroom prove --test tests/test_drop_validation_stock.py::test_what_is_not_valid_is_refused --incident W7
"""

import pytest
from web import app


@pytest.fixture
def client():
    """The application as it is deployed."""
    return app.test_client()


def test_what_is_not_valid_is_refused(client):
    answer = client.get("/stock/no-such-one")

    assert answer.status_code == 404
'''
    )
    assert ran.err == "tests/test_drop_validation_stock.py: the test runs as it is\n"
    assert ran.code == 0
    assert sorted(path.name for path in (web / "tests").iterdir()) == ["test_web.py"]


def test_a_file_is_written_once(greenroom: RunGreenroom, web: Path) -> None:
    command = ("new-test", "drop-validation", "--output-file", "tests/test_new.py")
    first = greenroom(*command)
    (web / "tests" / "test_new.py").write_text("# mine\n", encoding="utf-8")

    second = greenroom(*command)

    assert (first.code, first.out) == (0, "")
    assert second.code == 2
    assert "tests/test_new.py is there already, and stays as it is: name another file" in second.err
    assert (web / "tests" / "test_new.py").read_text(encoding="utf-8") == "# mine\n"


def test_what_is_missing_is_told_and_makes_the_test_red(greenroom: RunGreenroom, web: Path) -> None:
    ran = greenroom("new-test", "RES007", "--output-file", "tests/test_clock.py")

    assert "tests/test_clock.py: the test fails until these are filled in:\n" in ran.err
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_clock.py"],
        cwd=web, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "TODO: " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("T99",), "nobody knows 'T99'"),
        (("T1", "--path", "web.py"), "'web.py' is no place: write it as app/main.py:12"),
        (("T1", "--path", "web.py:1"), "T1 cannot happen at web.py:1"),
        (("EVL001", "--path", "web.py:1"), "EVL001 is not at web.py:1"),
        (("T1", "--project", "nowhere"), "nowhere"),
    ],
)
def test_wrong_use_is_told(
    greenroom: RunGreenroom, web: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert web.is_dir()
    ran = greenroom("new-test", *arguments)

    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


def test_the_line_that_prove_prints_can_be_pasted(greenroom: RunGreenroom, web: Path) -> None:
    plugins = [word for name in ("hypothesispytest", "respx", "pytest_mock") for word in ("-p", f"no:{name}")]
    proved = greenroom("prove", web, "--select", "W7", "--workers", "1", "--", *plugins)
    (line,) = [line.strip() for line in proved.out.splitlines() if "greenroom new-test" in line]

    ran = greenroom(*shlex.split(line)[1:])

    assert line == f"greenroom new-test W7 --path web.py:18 --project {web}"
    assert ran.out.startswith('"""Notices W7 drop-validation at web.py:18')
    assert ran.code == 0
