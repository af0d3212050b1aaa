"""The tables of failure modes and of operators in the documentation are what the catalogue says."""

import subprocess
import sys
from pathlib import Path

import pytest

from greenroom.catalogue import all_modes

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["modes", "operators"])
def test_the_page_is_what_its_script_writes(page: str, tmp_path: Path) -> None:
    script = tmp_path / f"{page}.py"
    script.write_bytes((ROOT / "docs" / f"{page}.py").read_bytes())

    subprocess.run([sys.executable, script], check=True, cwd=tmp_path)

    written = (tmp_path / f"{page}.md").read_text(encoding="utf-8")
    assert written == (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8"), (
        f"the catalogue has changed: python docs/{page}.py"
    )


def test_every_operator_has_its_row() -> None:
    rows = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8").splitlines()

    for mode in all_modes():
        for operator in mode.operators:
            assert [
                row for row in rows if row.startswith(f"| {operator.key} | {operator.name} | {mode.code} ")
            ]
