"""Recorded runs as a user sees them, and audits that become history."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from greenroom import api
from greenroom.model.evidence import Outcome
from greenroom.project.declared.configuration import load_settings
from greenroom.record.recording import Recording
from greenroom.store.store import open_store
from tests.conftest import RunGreenroom, WriteProject
from tests.store.examples import a_run, a_skipped_test, a_test

CALM = {"app/main.py": "def total(a, b):\n    return a + b\n"}
THEATRE = {"tests/test_it.py": "def test_it():\n    assert True\n"}


def file_of(root: Path) -> Path:
    return root / ".greenroom" / "greenroom.db"


@pytest.fixture
def recorded(write_project: WriteProject) -> Path:
    root = write_project(CALM | THEATRE)
    runs = (
        (a_run("20261121T1"), (a_test(), a_skipped_test())),
        (a_run("20261121T2", exit_code=None), (a_test(outcome=Outcome.UNFINISHED),)),
    )
    for run, tests in runs:
        assert api.remember_run(Recording(run=run, tests=tests), root) is True
    return root


def test_runs_are_listed_newest_first(greenroom: RunGreenroom, recorded: Path) -> None:
    outcome = greenroom("runs", recorded)

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        "20261121T2  2025-11-21 11:00:00 UTC  0.0 s  1 unfinished  not ended  pytest -q tests\n"
        "20261121T1  2025-11-21 11:00:00 UTC  3.5 s  1 passed, 1 skipped  exit 0  pytest -q tests\n"
    )


def test_runs_for_programs(greenroom: RunGreenroom, recorded: Path) -> None:
    document = json.loads(greenroom("runs", recorded, "--output-format", "json").out)

    assert document["version"] == 1
    assert [run["id"] for run in document["runs"]] == ["20261121T2", "20261121T1"]
    assert document["runs"][1] == {
        "id": "20261121T1",
        "started": "2025-11-21T11:00:00.250000+00:00",
        "seconds": 3.5,
        "exit_code": 0,
        "tests": {"passed": 1, "skipped": 1},
        "command": ["pytest", "-q", "tests"],
        "revision": "",
        "modified": False,
        "python": "3.11.7",
        "greenroom": "",
    }


def test_a_recording_is_remembered_once(recorded: Path) -> None:
    assert api.remember_run(Recording(run=a_run("20261121T1"), tests=(a_test(),)), recorded) is False
    assert len(api.runs(recorded)) == 2


def test_no_runs_are_no_success(greenroom: RunGreenroom, write_project: WriteProject) -> None:
    root = write_project(CALM)

    outcome = greenroom("runs", root)
    document = json.loads(greenroom("runs", root, "--output-format", "json").out)

    assert (outcome.code, outcome.out) == (5, "")
    assert "greenroom record -- pytest" in outcome.err
    assert document == {"version": 1, "runs": []}
    assert not (root / ".greenroom").exists()


def test_as_many_runs_are_kept_as_the_settings_say(write_project: WriteProject) -> None:
    root = write_project({"greenroom.toml": 'keep-runs = 2\nstore = "runs.db"\n'})
    for number in range(4):
        api.remember_run(Recording(run=a_run(f"20261121T{number}"), tests=()), root)

    assert [each.run.id for each in api.runs(root)] == ["20261121T3", "20261121T2"]
    assert (root / "runs.db").exists()


def test_a_store_that_cannot_be_read(greenroom: RunGreenroom, recorded: Path) -> None:
    file_of(recorded).write_bytes(b"no database\n" * 500)

    outcome = greenroom("runs", recorded)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"greenroom: the store {file_of(recorded)}: it is damaged, or no database.")


def test_a_wrong_address_is_told_without_its_password(greenroom: RunGreenroom, recorded: Path) -> None:
    outcome = greenroom("runs", recorded, "--store", "mysql://team:hidden@db/greenroom")

    assert outcome.code == 2
    assert "--store: `mysql://team:***@db/greenroom` is of no kind that we know" in outcome.err
    assert "hidden" not in outcome.err


def test_an_audit_becomes_history(greenroom: RunGreenroom, recorded: Path) -> None:
    audit = api.audit(recorded)
    greenroom("audit", recorded)
    (recorded / "tests" / "test_it.py").write_text(
        "from app.main import total\n\n\ndef test_it():\n    assert total(1, 2) == 3\n"
    )
    greenroom("audit", recorded)

    with open_store(recorded) as store:
        first, second = store.audits()
        findings = store.findings()
    assert (first.score, first.cap) == (audit.score.overall, audit.score.cap)
    assert {each.code: (each.total, each.shown) for each in first.findings} == {"TST002": (1, 1)}
    assert [bar.name for bar in first.bars] == [bar.name for bar in audit.score.bars]
    assert first.families["TST"] is not None
    assert second.findings == ()
    assert [(each.code, each.times, each.first, each.last) for each in findings] == [
        ("TST002", 1, first.at, first.at)
    ]
    assert findings[0].key == audit.findings[0].key


def test_a_finding_that_stays_is_one_finding(greenroom: RunGreenroom, recorded: Path) -> None:
    greenroom("audit", recorded)
    file = recorded / "tests" / "test_it.py"
    file.write_text(f"# A line above it.\n{file.read_text()}")
    greenroom("audit", recorded)

    with open_store(recorded) as store:
        first, second = store.audits()
        (finding,) = store.findings()
    assert (finding.first, finding.last) == (first.at, second.at)
    assert finding.place.line == 3


def test_an_audit_makes_no_store(greenroom: RunGreenroom, write_project: WriteProject) -> None:
    root = write_project(CALM | THEATRE)

    assert greenroom("audit", root).code == 1

    assert not file_of(root).exists()


def test_an_audit_of_changes_is_no_history(greenroom: RunGreenroom, recorded: Path) -> None:
    git = ["git", "-C", str(recorded), "-c", "user.name=n", "-c", "user.email=e@example.org"]
    for arguments in (["init", "-q"], ["add", "app", "tests"], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *arguments], check=True)

    outcome = greenroom("audit", recorded, "--since", "HEAD")

    assert outcome.code == 0
    with open_store(recorded) as store:
        assert store.audits() == ()


def test_a_store_that_fails_does_not_spoil_the_audit(greenroom: RunGreenroom, recorded: Path) -> None:
    expected = greenroom("audit", recorded, "--output-format", "concise")
    with closing(sqlite3.connect(file_of(recorded))) as other, other:
        other.execute("UPDATE greenroom_version SET version_num = '0099'")

    outcome = greenroom("audit", recorded, "--output-format", "concise")

    assert outcome.code == expected.code == 1
    note, *others = [line for line in outcome.out.splitlines()[:-1] if line not in expected.out.splitlines()]
    assert note.startswith("note: what was recorded is not used: the store")
    assert others == []
    assert "this audit was not added to the history: the store" in outcome.err
    assert "newer Greenroom" in outcome.err


def test_what_has_no_store_loads_no_database(
    write_project: WriteProject, loaded_by: Callable[[str], set[str]]
) -> None:
    root = write_project(CALM | THEATRE)

    for arguments in (["audit", str(root), "--exit-zero"], ["runs", str(root)]):
        loaded = loaded_by(f"from greenroom.cli import run\nassert run({arguments}) in (0, 5)")
        assert "greenroom.api" in loaded
        assert not loaded & {"sqlalchemy", "alembic", "psycopg", "sqlite3", "greenroom.store.store"}


def test_each_setting_has_its_flag_where_it_matters(greenroom: RunGreenroom, tmp_path: Path) -> None:
    assert "--store" in greenroom("audit", "--help").out
    assert "--keep-runs" not in greenroom("audit", "--help").out
    assert load_settings(tmp_path, {"keep_runs": "3"}, {}).keep_runs == 3


SUITE = CALM | {
    "tests/test_total.py": "from app.main import total\n\n\n"
    "def test_right():\n    assert total(1, 2) == 3\n\n\ndef test_wrong():\n    assert total(1, 2) == 4\n"
}


def test_what_is_recorded_is_in_the_store(greenroom: RunGreenroom, write_project: WriteProject) -> None:
    root = write_project(SUITE)

    outcome = _record(root)

    assert outcome.returncode == 1
    assert "not taken into the store" not in outcome.stderr
    (summary,) = api.runs(root)
    assert (summary.run.exit_code, summary.outcomes) == (1, {Outcome.PASSED: 1, Outcome.FAILED: 1})
    with open_store(root) as store:
        tests = {test.id: test.assertions for test in store.tests_of(summary.run.id)}
    assert tests == {"tests/test_total.py::test_right": 1, "tests/test_total.py::test_wrong": 1}
    assert "1 passed, 1 failed  exit 1" in greenroom("runs", root).out


def test_a_store_that_fails_does_not_spoil_the_run(write_project: WriteProject) -> None:
    root = write_project(SUITE)
    file_of(root).parent.mkdir()
    file_of(root).write_bytes(b"no database\n" * 500)

    outcome = _record(root)

    assert outcome.returncode == 1
    assert "1 failed, 1 passed" in outcome.stdout
    assert "this run was not taken into the store: the store" in outcome.stderr
    assert list((root / ".greenroom" / "runs").iterdir())


def _record(root: Path) -> subprocess.CompletedProcess[str]:
    pytest_of_ours = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
    ]
    return subprocess.run(
        [sys.executable, "-m", "greenroom", "record", "--", *pytest_of_ours],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
