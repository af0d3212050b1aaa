from pathlib import Path

import pytest

from tests.record.suites import Suite


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """An empty project."""
    root = tmp_path / "project"
    root.mkdir()
    return Suite(root=root)
