"""The bundled example, and a copy of it that no cache, no environment and no build has touched."""

import shutil
from pathlib import Path

import pytest

HELPDESK = Path(__file__).parents[2] / "examples" / "helpdesk"
MADE = shutil.ignore_patterns(
    ".venv", ".greenroom", "__pycache__", "node_modules", "dist", "*.db", ".*_cache"
)


@pytest.fixture
def helpdesk(tmp_path: Path) -> Path:
    """The help desk as it is in the repository."""
    return shutil.copytree(HELPDESK, tmp_path / "helpdesk", ignore=MADE)
