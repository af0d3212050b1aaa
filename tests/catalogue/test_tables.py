"""The tables of failure modes and of operators in the documentation say nothing that the catalogue does not.

They are written by scripts for a release: a new entry is two files, and needs no row here.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["modes", "operators"])
def test_no_row_of_the_page_is_out_of_date(page: str, tmp_path: Path) -> None:
    script = tmp_path / f"{page}.py"
    script.write_bytes((ROOT / "docs" / f"{page}.py").read_bytes())

    subprocess.run([sys.executable, script], check=True, cwd=tmp_path)

    written = rows(tmp_path / f"{page}.md")
    listed = rows(ROOT / "docs" / f"{page}.md")
    assert len(listed) > 60
    assert listed <= written, f"the catalogue has changed: python docs/{page}.py"


def rows(page: Path) -> set[str]:
    return {line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")}
