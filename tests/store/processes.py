"""Starting processes that write to a store."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
DEFAULT = ".greenroom/greenroom.db"


def absorbing(
    root: Path,
    run_id: str = "20261121T110412Z-a",
    number: int = 1,
    address: str = DEFAULT,
    patience: float = 60,
) -> list[str]:
    """The command that takes in a run of so many tests."""
    arguments = [str(root), address, run_id, str(number), str(patience)]
    return [sys.executable, "-W", "error", "-m", "tests.store.absorbing", *arguments]


def start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(command: list[str]) -> tuple[int, str]:
    """Its exit code, and what it said on stderr."""
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr
