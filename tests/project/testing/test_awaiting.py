"""Who awaits an async test: plugins and their modes, markers, base classes."""

import subprocess
import sys
from pathlib import Path

import pytest

from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from tests.conftest import WriteProject

ASYNC = "async def test_a():\n    assert 1\n"
MARKED = "import pytest\n\n\n@pytest.mark.asyncio\nasync def test_a():\n    assert 1\n"
ANYIO = "import pytest\n\npytestmark = pytest.mark.anyio\n\n\nasync def test_a():\n    assert 1\n"
NEEDS = '[project]\nname = "shop"\ndependencies = ["pytest", "pytest-asyncio", "anyio"]\n'
AUTO = '[tool.pytest.ini_options]\nasyncio_mode = "auto"\n'

UNITTEST = """
import unittest as ut
from unittest import IsolatedAsyncioTestCase as Isolated
from unittest import TestCase as Case


class Plain(Case):
    async def test_plain(self):
        raise AssertionError


class Awaited(Isolated):
    async def test_isolated(self):
        raise AssertionError


class Child(Awaited):
    pass


class Other(ut.TestCase):
    async def test_other(self):
        raise AssertionError
"""


def never_awaited(root: Path) -> set[str]:
    suite = read_project(root, Settings()).suite
    return {item.id.rpartition("::")[2] for item in suite.items if item.never_awaited}


@pytest.mark.parametrize(
    ("files", "lost"),
    [
        pytest.param({"pyproject.toml": NEEDS, "test_a.py": ASYNC}, {"test_a"}, id="strict by default"),
        pytest.param({"pyproject.toml": NEEDS, "test_a.py": MARKED}, set(), id="marked"),
        pytest.param({"pyproject.toml": NEEDS, "test_a.py": ANYIO}, set(), id="the marker of anyio"),
        pytest.param({"pyproject.toml": NEEDS + AUTO, "test_a.py": ASYNC}, set(), id="auto"),
        pytest.param(
            {"pyproject.toml": NEEDS + AUTO, "pytest.ini": "[pytest]\n", "test_a.py": ASYNC}, {"test_a"},
            id="auto in a file that is not read",
        ),
        pytest.param(
            {"pyproject.toml": NEEDS, "pytest.ini": "[pytest]\naddopts = --asyncio-mode=auto\n", "test_a.py": ASYNC},
            set(),
            id="auto in addopts",
        ),
        pytest.param(
            {"pyproject.toml": NEEDS + AUTO, "pytest.ini": "[pytest]\naddopts = -p no:asyncio\n", "test_a.py": ASYNC},
            {"test_a"},
            id="the plugin is switched off",
        ),
        pytest.param({"test_a.py": MARKED}, {"test_a"}, id="a marker without its plugin"),
    ],
)  # fmt: skip
def test_plugins_and_modes(files: dict[str, str], lost: set[str], write_project: WriteProject) -> None:
    assert never_awaited(write_project(files)) == lost


def test_what_unittest_does_not_await_passes_although_it_raises(write_project: WriteProject) -> None:
    """The runner itself is the judge: every test raises, and those that pass were never awaited."""
    root = write_project({"test_a.py": UNITTEST})

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "unittest", "-v", "test_a"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    passed = {line.split(" ")[0] for line in done.stderr.splitlines() if line.endswith("... ok")}

    assert passed == {"test_plain", "test_other"}
    assert never_awaited(root) == passed
