"""The shop, recorded once for all tests of this room."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.detect.shop import write_shop
from tests.record.suites import PYTEST, clean

_FILES = ("tests/test_routes.py", "tests/test_rates.py", "tests/test_prices.py", "tests/late.py")
"""Named one by one, so that pytest takes the one whose name it would pass over."""


@pytest.fixture(scope="session")
def recorded_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a recorded run in its store; nobody changes it."""
    root = tmp_path_factory.mktemp("recorded") / "shop"
    write_shop(root)
    command = [
        sys.executable,
        "-m",
        "greenroom",
        "record",
        "--with",
        "coverage",
        "--",
        *PYTEST,
        "-q",
        *_FILES,
    ]
    done = subprocess.run(command, cwd=root, env=clean({}), capture_output=True, text=True, check=False)
    assert "12 passed, 1 skipped" in done.stdout, done.stdout + done.stderr
    return root


@pytest.fixture
def shop(recorded_shop: Path, tmp_path: Path) -> Callable[[], Path]:
    """Copies of it, to be changed."""
    return lambda: shutil.copytree(recorded_shop, tmp_path / "shop")
