"""What a verdict depends on: the content of the tree, what is installed, how pytest is called, and ourselves."""

import hashlib
import subprocess
from collections.abc import Sequence
from pathlib import Path

from greenroom.campaign import inside
from greenroom.campaign.errors import SuiteNotUsableError
from greenroom.project.files.ignore import Globs, Listing

_INSTALLED = """
import sys
from importlib.metadata import distributions
print(sys.version)
print(*sorted({f"{each.name}=={each.version}" for each in distributions()}), sep="\\n")
"""
_PATIENCE = 120
_LEFT_BY_TESTS = (".pyc", ".db", ".sqlite", ".sqlite3", ".log", ".coverage", "-journal", "-wal", "-shm")
"""How files end that runs of the tests make in the tree."""


def fingerprint(root: Path, python: str, arguments: Sequence[str]) -> str:
    """Equal as long as nothing of that has changed.

    Raises:
        SuiteNotUsableError: the interpreter does not run.
    """
    found = hashlib.sha256()
    for part in (_installed(python), *arguments):
        found.update(part.encode() + b"\0")
    for folder, names in ((Path(inside.__file__).parent, _own_files()), (root, _files(root))):
        for name in names:
            found.update(name.encode("utf-8", "surrogatepass") + b"\0")
            found.update(_content(folder / name))
    return found.hexdigest()[:16]


def _installed(python: str) -> str:
    command = [python, "-c", _INSTALLED]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_PATIENCE)  # noqa: S603
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        message = (
            f"{python} is no Python that runs ({type(error).__name__}): name the project's with --python"
        )
        raise SuiteNotUsableError(message) from error
    return done.stdout


def _own_files() -> list[str]:
    return sorted(file.name for file in Path(inside.__file__).parent.glob("*.py"))


def _files(root: Path) -> list[str]:
    listing = Listing(root, Globs(()))
    listing.take()
    return sorted(name for name in listing.files if not name.endswith(_LEFT_BY_TESTS))


def _content(file: Path) -> bytes:
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError:
        return b"-"
