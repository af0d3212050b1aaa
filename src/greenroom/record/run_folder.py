"""Where a run is kept: `.greenroom/runs/<run id>/` below the project's root."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from greenroom.record.journal import Journal

_PATIENCE = 10
"""Seconds that git gets; a run without its revision is better than none."""


class RunFolder:
    """The folder of one run, and what is said of the run as a whole."""

    def __init__(self, root: Path, kept: str = "runs") -> None:
        self.root = root
        self._started = time.time()
        moment = datetime.fromtimestamp(self._started, UTC).strftime("%Y%m%dT%H%M%SZ")
        self.id = f"{moment}-{os.urandom(3).hex()}"
        self.path = root / ".greenroom" / kept / self.id
        self._journal = Journal(str(self.path), "run")

    def open(self, command: Sequence[str], *, brief: bool = False) -> None:
        """Make the folder, and say what was started; `brief`: without the state of the code.

        Raises:
            OSError: It cannot be made.
        """
        self.path.mkdir(parents=True)
        marker = self.root / ".greenroom" / ".gitignore"
        if not marker.exists():
            marker.write_text("# Written by greenroom; safe to delete.\n*\n", encoding="utf-8")
        about: dict[str, Any] = {"id": self.id, "started": self._started, "command": covered(command)}
        if not brief:
            about |= revision_of(self.root) | {"contents": _contents(self.root)}
        self._journal.write("run", about | {"greenroom": _own_version()})

    def close(self, exit_code: int) -> None:
        """Say how it ended."""
        self._journal.write("run", {"seconds": time.time() - self._started, "exit_code": exit_code})


def root_of(folder: str) -> str:
    """The project's root, from the folder of a run."""
    return str(Path(folder).parent.parent.parent)


def covered(command: Sequence[str]) -> list[str]:
    """A command with its secrets covered."""
    from greenroom.model.secret import cover_written  # noqa: PLC0415  - many patterns, of which few runs need any

    return [cover_written(word) for word in command]


def revision_of(root: Path) -> dict[str, Any]:
    """The git commit of the tree, and whether the tree differs from it; nothing where there is no git."""
    commit = _git(root, "rev-parse", "HEAD")
    if not commit:
        return {}
    return {"revision": commit, "modified": bool(_git(root, "status", "--porcelain", "--untracked-files=no"))}


def _contents(root: Path) -> dict[str, str]:
    from greenroom.project.files.contents import contents_of  # noqa: PLC0415  - processes of the tests need none of it

    return contents_of(root)


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=True, timeout=_PATIENCE, env=environment
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout.strip()


def _own_version() -> str:
    try:
        return version("greenroom")
    except PackageNotFoundError:
        return ""


def python_version() -> str:
    """Of this interpreter, as `platform` says it."""
    return ".".join(map(str, sys.version_info[:3]))
