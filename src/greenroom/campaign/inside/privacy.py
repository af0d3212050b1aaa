"""What a forked process gets for itself: its group, its temporary folders, its random numbers, no terminal."""

import ctypes
import os
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from greenroom.campaign.inside.own_network import enter_own_network

_SET_DEATH_SIGNAL = 1
_SET_SUBREAPER = 36
_LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None
"""Loaded once: every child asks something of it."""


def end_with_parent() -> None:
    """Be killed when the process that started this one is gone; where the system can do that."""
    _control(_SET_DEATH_SIGNAL, signal.SIGKILL)


def outlive_parent() -> None:
    """From here on, this process sees by itself that its parent is gone, and leaves in order."""
    _control(_SET_DEATH_SIGNAL, 0)


def adopt_orphans() -> None:
    """Become the parent of what the children's children leave behind; where the system can do that."""
    _control(_SET_SUBREAPER, 1)


def _control(option: int, value: int) -> None:
    if _LIBRARY is not None:
        _LIBRARY.prctl(option, value, 0, 0, 0)


def keep_to_oneself(folder: Path, seed: int, *, own_network: bool = False) -> None:
    """Make this forked process private.

    Raises:
        OSError: it cannot have a network of its own.
    """
    os.setsid()
    if own_network:
        enter_own_network()
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(silent, stream)
    os.close(silent)
    folder.mkdir(parents=True)
    tempfile.tempdir = None
    os.environ["TMPDIR"] = str(folder)
    random = sys.modules.get("random")
    if random is not None:
        random.seed(seed)


def own_temporary_folder(config: Any, folder: Path) -> None:
    """Have `tmp_path` lie in a folder of the process's own."""
    factory = getattr(config, "_tmp_path_factory", None)
    if factory is not None:
        basetemp = folder / "pytest"
        basetemp.mkdir(mode=0o700)
        factory._basetemp = basetemp  # noqa: SLF001  - made once per session, and this session has many


def leave_nothing(folder: Path) -> None:
    """The worker ends: its folder goes, and with the last worker's those that nobody used, and the one around them."""
    tidy_up(folder)
    with suppress(OSError):
        for each in (*folder.parent.iterdir(), folder.parent):
            with suppress(OSError):
                each.rmdir()


def tidy_up(folder: Path) -> None:
    """Remove what is left of it."""
    shutil.rmtree(folder, ignore_errors=True)
