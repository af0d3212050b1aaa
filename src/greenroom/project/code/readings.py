"""What questions about single files were answered with, kept by content: most of them cost decoded bodies."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from greenroom.project.files.packs import Pack, all_own_code

_FORMAT = 1


class Readings:
    """What earlier runs read out of files, and what this one does.

    A reader is a function of one module that gives plain data, as `marshal` takes it. It rests on nothing but what
    stands in the file: not on its path or its kind, on no other file and on no setting.
    """

    def __init__(self, root: Path) -> None:
        self._pack = Pack(root, "readings", _FORMAT)
        self._code = all_own_code()
        code, known = self._pack.read() or (b"", {})
        self._known: dict[str, dict[str, Any]] = known if code == self._code else {}
        self._asked: dict[str, dict[str, Any]] = {}
        self._changed = False

    def of(self, digest: str, name: str, read: Callable[[], Any]) -> Any:
        """What the reader of this name makes of the file with this content; `read` runs it."""
        asked = self._asked.get(name)
        if asked is None:
            asked = self._asked[name] = self._known.get(name, {})
        if digest not in asked:
            asked[digest] = read()
            self._changed = True
        return asked[digest]

    def save(self, digests: Iterable[str]) -> None:
        """Write what this run read out of the files with these contents, where it is not what is there."""
        if not self._changed:
            return
        there = set(digests)
        kept = {
            name: {digest: value for digest, value in found.items() if digest in there}
            for name, found in self._asked.items()
        }
        self._pack.write((self._code, kept))
        self._changed = False
