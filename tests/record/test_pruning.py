"""Journals of old runs go, and nobody else's."""

import os
from pathlib import Path

from greenroom import api
from greenroom.record.pruning import prune_journals
from tests.record.suites import GREENROOM, PYTEST, Suite

LONG_AGO = 1_000_000_000.0


def a_run(root: Path, name: str, *, exit_code: int | None = 0, written: float | None = None) -> Path:
    folder = root / ".greenroom" / "runs" / name
    folder.mkdir(parents=True)
    file = folder / "run-1.jsonl"
    file.write_text(
        '{"run":{"id":"x"}}\n' + (f'{{"run":{{"exit_code":{exit_code}}}}}\n' if exit_code is not None else "")
    )
    if written is not None:
        os.utime(file, (written, written))
    return folder


def names(root: Path) -> list[str]:
    return sorted(each.name for each in (root / ".greenroom" / "runs").iterdir())


def test_the_newest_stay(tmp_path: Path) -> None:
    for day in range(1, 6):
        a_run(tmp_path, f"2026010{day}T000000Z-abcdef")

    prune_journals(tmp_path, keep=2)

    assert names(tmp_path) == ["20260104T000000Z-abcdef", "20260105T000000Z-abcdef"]


def test_a_run_that_goes_on_stays_and_one_that_was_killed_goes(tmp_path: Path) -> None:
    a_run(tmp_path, "20260101T000000Z-aaaaaa", exit_code=None)
    a_run(tmp_path, "20260102T000000Z-bbbbbb", exit_code=None, written=LONG_AGO)
    a_run(tmp_path, "20260103T000000Z-cccccc")

    prune_journals(tmp_path, keep=1)

    assert names(tmp_path) == ["20260101T000000Z-aaaaaa", "20260103T000000Z-cccccc"]


def test_what_is_no_run_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    a_run(tmp_path, "my-notes")
    (tmp_path / ".greenroom" / "runs" / "20250101T000000Z-abcdef").symlink_to(other)
    a_run(tmp_path, "20260101T000000Z-abcdef")

    prune_journals(tmp_path, keep=1)
    prune_journals(tmp_path / "nowhere", keep=1)

    assert names(tmp_path) == ["20250101T000000Z-abcdef", "20260101T000000Z-abcdef", "my-notes"]


def test_record_keeps_as_many_as_it_is_told(tmp_path: Path) -> None:
    suite = Suite(root=tmp_path).write({"test_it.py": "def test_it():\n    assert True\n"})
    for day in range(1, 4):
        a_run(tmp_path, f"2025010{day}T000000Z-abcdef")

    done = suite.run(*GREENROOM, "--keep-runs", "2", "--", *PYTEST, "-q")

    assert done.code == 0
    (run,) = api.runs(tmp_path)
    assert names(tmp_path) == ["20250103T000000Z-abcdef", run.run.id]
