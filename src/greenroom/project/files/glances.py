"""Glances at files, kept by content."""

from pathlib import Path

from greenroom.project.files.glance import Glance, glance
from greenroom.project.files.packs import Pack, digest, own_code

_FORMAT = 2
_Plain = tuple[frozenset[tuple[str, str]], bool, bool, frozenset[str]]


class Glances:
    """What earlier runs saw, and what this one sees."""

    def __init__(self, root: Path) -> None:
        self._pack = Pack(root, "glances", _FORMAT)
        self._code = own_code("project", "files", "glance.py")
        code, known = self._pack.read() or (b"", {})
        self._known: dict[tuple[bytes, str], _Plain] = known if code == self._code else {}
        self._used: dict[tuple[bytes, str], _Plain] = {}

    def at(self, path: str, content: bytes) -> tuple[Glance, str]:
        """Look at a file, whose path is relative to the project's root; and the identity of its content."""
        identity = digest(content)
        key = (identity, path.rpartition("/")[0])  # relative imports start there
        plain = self._known.get(key)
        if plain is None:
            seen = glance(path, content)
            plain = (seen.imports, seen.generated, seen.tests, seen.loads)
        else:
            seen = Glance(imports=plain[0], generated=plain[1], tests=plain[2], loads=plain[3])
        self._used[key] = plain
        return seen, identity.hex()

    def save(self) -> None:
        """Write what this run used, where it is not what is there."""
        if self._used.keys() != self._known.keys():
            self._pack.write((self._code, self._used))
