"""Journals of old runs go: what matters of them is in the store."""

import re
import shutil
import time
from datetime import timedelta
from pathlib import Path

_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_IDLE = timedelta(hours=1)
"""Nobody has written to a run for so long: it has ended, or was killed."""


def prune_journals(root: Path, keep: int) -> None:
    """Delete the journals of all runs but the newest; a run that is still going on stays.

    Args:
        root: The project's folder.
        keep: How many stay.
    """
    runs = root / ".greenroom" / "runs"
    try:
        folders = sorted(
            each for each in runs.iterdir() if _RUN.fullmatch(each.name) and not each.is_symlink()
        )
    except OSError:
        return
    for folder in folders[: max(len(folders) - keep, 0)]:
        if _is_over(folder):
            shutil.rmtree(folder, ignore_errors=True)  # another process may be at it, too


def _is_over(folder: Path) -> bool:
    try:
        files = list(folder.glob("*.jsonl"))
        told = any(b'"exit_code":' in file.read_bytes() for file in files if file.name.startswith("run-"))
        written = max((file.stat().st_mtime for file in files), default=0.0)
    except OSError:
        return False
    return told or time.time() - written > _IDLE.total_seconds()
