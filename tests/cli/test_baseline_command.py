import json
from pathlib import Path

import pytest

from tests.cli.test_audit_command import BLOCKING, PYPROJECT
from tests.conftest import RunGreenroom, WriteProject

FILE = ".greenroom-baseline.json"
SECOND = '\n\n@app.get("/slower")\nasync def slower() -> None:\n    time.sleep(9)\n'


@pytest.fixture
def project(write_project: WriteProject) -> Path:
    settings = '[tool.greenroom]\nselect = ["EVL"]\n'
    return write_project({"pyproject.toml": PYPROJECT + settings, "main.py": BLOCKING})


def test_what_is_accepted_no_longer_fails(project: Path, greenroom: RunGreenroom) -> None:
    assert greenroom("audit", project).code == 1
    written = greenroom("baseline", project)
    assert (written.code, written.out) == (0, f"{FILE}: 1 added, 0 removed, 0 kept\n")
    assert greenroom("audit", project).code == 0


def test_it_does_not_grow_unless_told_to(project: Path, greenroom: RunGreenroom) -> None:
    greenroom("baseline", project)
    (project / "main.py").write_text(BLOCKING + SECOND)

    refused = greenroom("baseline", project)

    assert refused.code == 1
    assert "main.py:16: EVL001" in refused.out
    assert "1 new, not accepted" in refused.err
    assert greenroom("audit", project).code == 1
    accepted = greenroom("baseline", project, "--accept-new")
    assert (accepted.code, accepted.out) == (0, f"{FILE}: 1 added, 0 removed, 1 kept\n")
    assert greenroom("audit", project).code == 0


def test_it_shrinks_and_says_when_it_should(project: Path, greenroom: RunGreenroom) -> None:
    greenroom("baseline", project)
    (project / "main.py").write_text(BLOCKING.replace("time.sleep(5)", "pass"))

    assert "`greenroom baseline` shrinks it" in greenroom("audit", project).out
    assert greenroom("baseline", project).out == f"{FILE}: 0 added, 1 removed, 0 kept\n"
    assert json.loads((project / FILE).read_text()) == {"version": 1, "findings": {}}


def test_lines_that_move_change_nothing(project: Path, greenroom: RunGreenroom) -> None:
    greenroom("baseline", project)
    before = (project / FILE).read_bytes()
    (project / "main.py").write_text("# moved\n\n\n" + BLOCKING)

    assert greenroom("audit", project).code == 0
    greenroom("baseline", project)
    assert (project / FILE).read_bytes() == before


def test_a_damaged_baseline_is_no_empty_one(project: Path, greenroom: RunGreenroom) -> None:
    (project / FILE).write_text("{")

    for command in ("audit", "baseline"):
        outcome = greenroom(command, project)
        assert outcome.code == 2
        assert "cannot be read" in outcome.err
    assert (project / FILE).read_text() == "{"


def test_one_that_is_named_and_not_there_is_told(project: Path, greenroom: RunGreenroom) -> None:
    told = "nope.json: there is no such baseline, so that every finding counts"

    assert told in greenroom("audit", project, "--baseline", "nope.json").out
    assert told not in greenroom("audit", project).out
