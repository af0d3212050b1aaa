"""Compact forms of files, kept by content."""

import marshal
from pathlib import Path
from typing import Any

from greenroom.project.files import packs
from greenroom.project.files.packs import Pack

_FORMAT = 10
"""Raise it whenever the form of the pack itself changes; a change of our code is noticed."""


def digest(content: bytes) -> str:
    """Identity of a file's content."""
    return packs.digest(content).hex()


class FactsCache:
    """What earlier runs read."""

    def __init__(self, root: Path) -> None:
        self._pack = Pack(root, "facts", _FORMAT)
        self._code = packs.own_code("project", "code")
        code, known = self._pack.read() or (b"", {})
        self._known: dict[str, bytes] = known if code == self._code else {}
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
        """Write what this run used."""
        if self._changed or len(self._used) != len(self._known):
            self._pack.write((self._code, self._used))

    def forget(self) -> None:
        """Give back the memory once everything is read."""
        self._known = {}
        self._used = {}
