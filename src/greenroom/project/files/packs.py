"""What is kept between runs: one file for each purpose under `.greenroom/cache`.

Written per Python version and format, and replaced as a whole: safe to delete at any time, and of two runs
at once the later one wins without harm. `marshal` must never read a damaged pack, so a checksum guards it.
"""

import contextlib
import hashlib
import marshal
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from greenroom.project.files.writing import write_whole

_DIGEST_SIZE = 16
_ROOMS = ("catalogue", "detect", "model", "project")
_OWN_CODE = (".py", ".toml")
_KEPT_FOR = timedelta(days=30)
"""A pack of another interpreter, since it was last written."""


def digest(content: bytes | memoryview) -> bytes:
    """Identity of some content."""
    return hashlib.blake2b(content, digest_size=_DIGEST_SIZE).digest()


@cache
def own_code(*path: str) -> bytes:
    """Identity of a file or a folder of our own code: what it made holds until it changes."""
    place = resources.files("greenroom").joinpath(*path)
    files = [place] if place.is_file() else sorted(place.iterdir(), key=lambda file: file.name)
    return digest(b"".join([digest(file.read_bytes()) for file in files if file.name.endswith(_OWN_CODE)]))


@cache
def all_own_code() -> bytes:
    """Identity of all that is known and how it is found: for what rests on more than one folder."""
    home = Path(__file__).parents[2]
    folders = sorted(folder for room in _ROOMS for folder in _folders(home / room))
    return digest(b"".join([own_code(*folder.relative_to(home).parts) for folder in folders]))


def _folders(top: Path) -> Iterator[Path]:
    yield top
    for inner in top.iterdir():
        if inner.is_dir() and inner.name != "__pycache__":
            yield from _folders(inner)


class Pack:
    """A value of plain data."""

    def __init__(self, root: Path, purpose: str, format_number: int) -> None:
        self._home = root / ".greenroom"
        self._format = format_number
        self._magic = f"greenroom {purpose}\n".encode()
        self._files = f"{purpose}-*.bin"
        name = f"{purpose}-{sys.implementation.cache_tag}-{format_number}.bin"
        self._file = self._home / "cache" / name

    def read(self) -> Any:
        """The value, or None where there is none that can be believed."""
        try:
            content = self._file.read_bytes()
        except OSError:
            return None
        start = len(self._magic) + _DIGEST_SIZE
        payload = memoryview(content)[start:]
        if content[:start] != self._magic + digest(payload):
            return None
        return marshal.loads(payload)  # noqa: S302  the checksum is right

    def write(self, value: Any) -> None:
        """Replace it; a full or read-only disk costs the cache and nothing else."""
        payload = marshal.dumps(value)
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            ignore_everything(self._home)
            write_whole(self._file, self._magic + digest(payload) + payload)
            self._drop_outdated()

    def _drop_outdated(self) -> None:
        """Remove packs of older formats, and what nobody has written for a month.

        A run that works with such a pack has read it already; at worst the next one reads the sources.
        """
        oldest = time.time() - _KEPT_FOR.total_seconds()
        for pack in self._file.parent.glob(self._files):
            made_for = pack.stem.rpartition("-")[2]
            with contextlib.suppress(OSError):
                is_older = made_for.isdigit() and int(made_for) < self._format
                if pack != self._file and (is_older or pack.stat().st_mtime < oldest):
                    pack.unlink()


def ignore_everything(home: Path) -> None:
    """Keep `.greenroom/` out of version control by its own .gitignore."""
    marker = home / ".gitignore"
    if not marker.exists():
        marker.write_text("# Written by greenroom; safe to delete.\n*\n", encoding="utf-8")
