import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from greenroom.report import FORMATS
from tests.conftest import RunGreenroom, WriteProject

BLOCKING = """\
import time

from fastapi import FastAPI

app = FastAPI()


@app.get("/slow")
async def slow() -> str:
    time.sleep(5)
    return "done"
"""
HEALTHY = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health() -> str:
    return "fine"
"""
PYPROJECT = '[project]\nname = "shop"\ndependencies = ["fastapi"]\n'


@pytest.fixture
def blocking(write_project: WriteProject) -> Path:
    return write_project({"pyproject.toml": PYPROJECT, "app/__init__.py": "", "app/main.py": BLOCKING})


@pytest.fixture
def healthy(write_project: WriteProject) -> Path:
    return write_project({"pyproject.toml": PYPROJECT, "app/__init__.py": "", "app/main.py": HEALTHY})


def test_findings_are_listed_and_fail(blocking: Path, greenroom: RunGreenroom) -> None:
    outcome = greenroom("audit", blocking, "--select", "EVL", "--output-format", "concise")

    assert outcome.code == 1
    assert f"{blocking.as_posix()}/app/main.py:10:5: EVL001 " in outcome.out
    assert outcome.err == ""


def test_nothing_found_is_success(healthy: Path, greenroom: RunGreenroom) -> None:
    outcome = greenroom("audit", healthy, "--select", "EVL")

    assert (outcome.code, outcome.err) == (0, "")
    assert "No findings." in outcome.out


def test_paths_are_clickable_from_the_working_directory(
    blocking: Path, greenroom: RunGreenroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(blocking.parent)
    assert (
        "\nproject/app/main.py:10:5: EVL001"
        in "\n" + greenroom("audit", "project", "--output-format=concise").out
    )
    monkeypatch.chdir(blocking)
    assert "\napp/main.py:10:5: EVL001" in "\n" + greenroom("audit", "--output-format=concise").out


def test_the_gate_decides_on_the_exit_code(blocking: Path, greenroom: RunGreenroom) -> None:
    assert greenroom("audit", blocking, "--fail-on", "RES").code == 0
    failed = greenroom("audit", blocking, "--fail-on", "EVL,score<10")
    assert failed.code == 1
    assert re.fullmatch(r"greenroom: failed on EVL, score<10 \(it is \d\.\d\)\n", failed.err)
    assert greenroom("audit", blocking, "--exit-zero").code == 0


def test_all_findings_are_in_the_json_and_the_shown_are_marked(
    blocking: Path, greenroom: RunGreenroom
) -> None:
    document = json.loads(greenroom("audit", blocking, "--ignore", "EVL", "--output-format", "json").out)

    (found,) = [each for each in document["findings"] if each["code"] == "EVL001"]
    assert (found["shown"], found["hidden_because"]) == (False, "not selected")
    assert document["project"]["frameworks"] == ["FastAPI"]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_goes_to_a_file_and_leaves_the_terminal_alone(
    name: str, blocking: Path, tmp_path: Path, greenroom: RunGreenroom
) -> None:
    file = tmp_path / "reports" / "report"

    outcome = greenroom("audit", blocking, "--output-format", name, "--output-file", file)

    assert (outcome.code, outcome.out) == (1, "")
    assert "EVL001" in file.read_text(encoding="utf-8")
    assert list(file.parent.iterdir()) == [file]


def test_several_reports_of_one_run(blocking: Path, tmp_path: Path, greenroom: RunGreenroom) -> None:
    sarif, page = tmp_path / "r.sarif", tmp_path / "r.html"

    outcome = greenroom(
        "audit",
        blocking,
        "--output-format",
        "github",
        "--report",
        f"sarif={sarif}",
        "--report",
        f"html={page}",
    )

    assert "EVL001" in outcome.out
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    assert page.read_text().lstrip().lower().startswith("<!doctype html>")


@pytest.mark.parametrize("wrong", ["sarif", "word=x", "sarif="])
def test_a_report_needs_a_format_and_a_file(wrong: str, blocking: Path, greenroom: RunGreenroom) -> None:
    outcome = greenroom("audit", blocking, "--report", wrong)

    assert outcome.code == 2
    assert "FORMAT=FILE" in outcome.err


def test_a_report_that_cannot_be_written(blocking: Path, tmp_path: Path, greenroom: RunGreenroom) -> None:
    (tmp_path / "file").write_text("")

    outcome = greenroom("audit", blocking, "--output-file", tmp_path / "file" / "report")

    assert outcome.code == 2
    assert "file" in outcome.err
    assert "Traceback" not in outcome.err


def test_no_such_folder(tmp_path: Path, greenroom: RunGreenroom) -> None:
    outcome = greenroom("audit", tmp_path / "nowhere")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"greenroom: {tmp_path / 'nowhere'} does not exist")


def test_a_file_is_no_project(blocking: Path, greenroom: RunGreenroom) -> None:
    outcome = greenroom("audit", blocking / "app" / "main.py")

    assert outcome.code == 2
    assert "is a file" in outcome.err


def test_no_python_at_all(write_project: WriteProject, greenroom: RunGreenroom) -> None:
    outcome = greenroom("audit", write_project({"index.html": "<p>"}))

    assert outcome.code == 5
    assert "Python" in outcome.err


def test_all_configuration_errors_at_once(blocking: Path, greenroom: RunGreenroom) -> None:
    outcome = greenroom(
        "audit", blocking, "--select", "XYZ", "--fail-on", "urgent", "--minimum-severity", "huge"
    )

    assert outcome.code == 2
    assert [flag in outcome.err for flag in ("--select", "--fail-on", "--minimum-severity")] == [True] * 3


def test_a_code_that_does_not_exist(blocking: Path, greenroom: RunGreenroom) -> None:
    outcome = greenroom("audit", blocking, "--select", "EVL099")

    assert outcome.code == 2
    assert "`EVL099` is no code of the catalogue" in outcome.err


def test_nothing_to_check_is_no_success(write_project: WriteProject, greenroom: RunGreenroom) -> None:
    root = write_project({"pyproject.toml": PYPROJECT, "third_party/lib.py": "x = 1\n"})

    outcome = greenroom("audit", root)

    assert outcome.code == 5
    assert "nothing to check" in outcome.err


def test_suppressions_need_reasons_and_are_told_when_useless(
    write_project: WriteProject, greenroom: RunGreenroom
) -> None:
    source = BLOCKING.replace("sleep(5)", "sleep(5)  # greenroom: ignore[EVL001] asked for by the customer")
    root = write_project(
        {"pyproject.toml": PYPROJECT, "main.py": f"x = 1  # greenroom: ignore[EVL001] no\n{source}"}
    )

    document = json.loads(greenroom("audit", root, "--output-format", "json").out)

    (found,) = [each for each in document["findings"] if each["code"] == "EVL001"]
    assert found["hidden_because"] == "suppressed: asked for by the customer"
    assert document["notices"] == ["main.py:1: suppression of EVL001 is not needed: nothing is found here"]


def test_since_shows_changed_lines_only(blocking: Path, greenroom: RunGreenroom) -> None:
    author = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    for step in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *author, *step], cwd=blocking, check=True)
    arguments = ("audit", blocking, "--select", "EVL", "--since", "HEAD", "--output-format", "concise")

    same = greenroom(*arguments)
    assert (same.code, "1 outside of the change" in same.out, "not selected" in same.out) == (0, True, False)
    main = blocking / "app" / "main.py"
    main.write_text(main.read_text().replace("sleep(5)", "sleep(6)"))
    assert greenroom(*arguments).code == 1


def test_a_reader_who_leaves_early_gets_no_traceback(blocking: Path) -> None:
    command = f"{sys.executable} -m greenroom audit {blocking} --output-format json | head -c 10"

    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)

    assert done.stderr == ""


def test_no_colour_without_a_terminal(blocking: Path, greenroom: RunGreenroom) -> None:
    assert "\x1b" not in greenroom("audit", blocking).out


def test_twice_the_same(blocking: Path, greenroom: RunGreenroom) -> None:
    first = greenroom("audit", blocking, "--output-format", "sarif").out

    assert greenroom("audit", blocking, "--output-format", "sarif").out == first
