"""The collector of a process that is recorded: what stood before is not gone through, and afterwards all is as it was."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from greenroom.record import environment
from greenroom.record.run_folder import RunFolder

PROGRAM = """
import gc
import sys

import pytest

{before}
frozen, enabled = gc.get_freeze_count(), gc.isenabled()
code = pytest.main(["-q", "-p", "no:cacheprovider", "test_it.py"])
assert bool(gc.get_freeze_count()) == bool(frozen)  # some of what is frozen goes by itself
assert gc.isenabled() == enabled
sys.exit(code)
"""
SUITE = """
import gc
import pytest


def test_it():
    tracked = gc.get_objects()
    assert not any(each is vars(pytest) for each in tracked)
    assert any(each is test_it for each in tracked)
"""


@pytest.mark.parametrize("before", ["gc.disable()", "gc.freeze()"])
def test_all_is_as_it_was_afterwards(tmp_path: Path, before: str) -> None:
    (tmp_path / "test_it.py").write_text(SUITE)
    folder = RunFolder(tmp_path)
    folder.open(["pytest"])
    variables = dict(os.environ)
    environment.announce(variables, str(folder.path))
    variables.pop(environment.CURRENT_TEST)
    command = [sys.executable, "-c", PROGRAM.format(before=before)]

    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
