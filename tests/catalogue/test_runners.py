"""What the pages of the tests' family say about pytest and mock, asked of the installed ones."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CLAIMS = [
    pytest.param("def test_a():\n    return False\n", "1 passed", id="TST003: a verdict that is returned"),
    pytest.param(
        "def test_a():\n    try:\n        assert 0\n    except Exception:\n        pass\n", "1 passed",
        id="TST003: an assertion in a try",
    ),
    pytest.param("def test_a():\n    assert (0, 'no')\n", "1 passed", id="TST002: a tuple"),
    pytest.param(
        "async def load():\n    return 0\n\n\ndef test_a():\n    assert load()\n", "1 passed",
        id="TST002: a coroutine",
    ),
    pytest.param(
        "from unittest.mock import Mock\n\n\ndef test_a():\n    Mock().assert_called_once\n", "1 passed",
        id="TST002: an assertion that is not called",
    ),
    pytest.param(
        "import unittest\n\n\nclass A(unittest.TestCase):\n    async def test_a(self):\n        assert 0\n", "1 passed",
        id="TST004: a coroutine of a TestCase",
    ),
    pytest.param("async def test_a():\n    assert 0\n", "1 failed", id="TST004: since 8.4 pytest fails it"),
    pytest.param(
        "def test_a():\n    assert 0\n\n\ndef test_a():\n    assert 1\n", "1 passed", id="TST005: two of one name"
    ),
    pytest.param(
        "class TestA:\n    def __init__(self):\n        pass\n\n    def test_a(self):\n        assert 0\n",
        "1 warning", id="TST005: a class with a constructor",
    ),
    pytest.param(
        "import pytest\n\n\n@pytest.fixture\ndef store():\n    try:\n        raise OSError\n    except OSError:\n"
        "        pytest.skip('no')\n\n\ndef test_a(store):\n    assert 0\n",
        "1 skipped", id="TST006: a fixture that gives up",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "outcome"), CLAIMS)
def test_the_runner_does_as_the_page_says(code: str, outcome: str, tmp_path: Path) -> None:
    (tmp_path / "test_claim.py").write_text(code, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}"],
        cwd=tmp_path, env=environment | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert outcome in done.stdout.splitlines()[-1], done.stdout
