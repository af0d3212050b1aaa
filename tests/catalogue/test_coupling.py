"""The page on coupling says what its data say."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "bench" / "coupling"


def rows(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def test_the_page_shows_the_tables_that_the_script_prints() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "coupling.py"], capture_output=True, text=True, check=True
    )
    page = (ROOT / "docs" / "coupling.md").read_text(encoding="utf-8")

    printed = [line for line in done.stdout.splitlines() if line.startswith("| ")]

    assert len(printed) > 20
    assert [line for line in printed if line not in page] == []


def test_each_commit_is_a_fix_with_a_result_or_discarded_with_a_reason() -> None:
    fixes = {row["commit"] for row in rows("fixes.jsonl")}
    discarded = {row["commit"]: row["why"] for row in rows("discarded.jsonl")}

    assert len(fixes) >= 60
    assert fixes == {row["commit"] for row in rows("results.jsonl")}
    assert fixes == {row["commit"] for row in rows("mended.jsonl")}
    assert not fixes & set(discarded)
    assert all(discarded.values())
    assert {row["repository"] for row in rows("fixes.jsonl")} <= set(
        json.loads((DATA / "projects.json").read_text(encoding="utf-8"))
    )
