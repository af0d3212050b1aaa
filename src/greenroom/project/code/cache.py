"""Compact forms of files, kept by content under `.greenroom/cache`.

One pack per Python version and format, replaced as a whole: safe to delete at any time, and of two runs
at once the later one wins without harm. `marshal` must never read a damaged pack, so a checksum guards it.
"""

import contextlib
import hashlib
import marshal
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from greenroom.project.files.writing import write_whole

_FORMAT = 4
"""Raise it whenever the compact form changes."""
_MAGIC = b"greenroom facts\n"
_DIGEST_SIZE = 16
_KEPT_FOR = timedelta(days=30)
"""A pack of another interpreter, since it was last written."""


def digest(content: bytes) -> str:
    """Identity of a file's content."""
    return hashlib.blake2b(content, digest_size=_DIGEST_SIZE).hexdigest()


class FactsCache:
    """What earlier runs read."""

    def __init__(self, root: Path) -> None:
        version = f"{sys.implementation.cache_tag}-{_FORMAT}"
        self._home = root / ".greenroom"
        self._file = self._home / "cache" / f"facts-{version}.bin"
        self._known = _read_pack(self._file)
        self._used: dict[str, bytes] = {}
        self._changed = False

    def get(self, key: str) -> tuple[Any, ...] | None:
        """The compact form of the file with this digest, or None."""
        packed = self._known.get(key) or self._used.get(key)
        if packed is None:
            return None
        self._used[key] = packed
        entry: tuple[Any, ...] = marshal.loads(packed)  # noqa: S302  its pack has the right checksum
        return entry

    def put(self, key: str, entry: tuple[Any, ...]) -> None:
        """Remember a compact form."""
        self._used[key] = marshal.dumps(entry)
        self._changed = True

    def save(self) -> None:
        """Write what this run used; a full or read-only disk costs the cache and nothing else."""
        if not self._changed and len(self._used) == len(self._known):
            return
        payload = marshal.dumps(self._used)
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            ignore_everything(self._home)
            write_whole(self._file, _MAGIC + _checksum(payload) + payload)
            self._drop_outdated()

    def _drop_outdated(self) -> None:
        """Remove packs of older formats, and what nobody has written for a month.

        A run that works with such a pack has read it already; at worst the next one reads the sources.
        """
        oldest = time.time() - _KEPT_FOR.total_seconds()
        for pack in self._file.parent.glob("facts-*.bin"):
            made_for = pack.stem.rpartition("-")[2]
            with contextlib.suppress(OSError):
                is_older = made_for.isdigit() and int(made_for) < _FORMAT
                if pack != self._file and (is_older or pack.stat().st_mtime < oldest):
                    pack.unlink()

    def forget(self) -> None:
        """Give back the memory once everything is read."""
        self._known = {}
        self._used = {}


def ignore_everything(home: Path) -> None:
    """Keep `.greenroom/` out of version control by its own .gitignore."""
    marker = home / ".gitignore"
    if not marker.exists():
        marker.write_text("# Written by greenroom; safe to delete.\n*\n", encoding="utf-8")


def _checksum(payload: bytes | memoryview) -> bytes:
    return hashlib.blake2b(payload, digest_size=_DIGEST_SIZE).digest()


def _read_pack(file: Path) -> dict[str, bytes]:
    try:
        content = file.read_bytes()
    except OSError:
        return {}
    start = len(_MAGIC) + _DIGEST_SIZE
    payload = memoryview(content)[start:]
    if content[:start] != _MAGIC + _checksum(payload):
        return {}
    known: dict[str, bytes] = marshal.loads(payload)  # noqa: S302  the checksum is right
    return known
