"""Which scopes of which file mention what, kept by content: searching all packed bodies costs half a second."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from greenroom.project.files.packs import Pack, own_code

_FORMAT = 1
Needles = tuple[bytes, ...]
"""As packed bodies hold them; one of them is enough."""
_MOST_QUESTIONS = 300
"""So many are kept; what is asked about names of the project would fill any disk."""
_WORD = re.compile(rb"[\w.\x80-\xff]+")
_APART = bytes(byte if _WORD.match(bytes((byte,))) else 32 for byte in range(256))
"""Leaves spaces between words."""


class Searches:
    """What earlier runs were asked, and what this one is; an answer depends on a file's packed bodies alone."""

    def __init__(self, root: Path) -> None:
        self._pack = Pack(root, "searches", _FORMAT)
        self._code = own_code("project", "code")
        code, known = self._pack.read() or (b"", {})
        self._known: dict[Needles, dict[str, int]] = known if code == self._code else {}
        self._asked: dict[Needles, dict[str, int]] = {}
        self._vocabularies: dict[str, bytes] = {}
        self._changed = False

    def places(self, digest: str, packed: bytes, ends: Sequence[int], needles: Needles) -> int:
        """As `search` says of the file with this content."""
        asked = self._asked.get(needles)
        if asked is None:
            if len(self._asked) >= _MOST_QUESTIONS:
                return search(packed, ends, needles)
            asked = self._asked[needles] = self._known.get(needles, {})
        found = asked.get(digest)
        if found is None:
            found = asked[digest] = search(packed, ends, self._likely(digest, packed, needles))
            self._changed = True
        return found

    def _likely(self, digest: str, packed: bytes, needles: Needles) -> Needles:
        """Without those that occur nowhere in the file: its vocabulary is a fifth as long."""
        vocabulary = self._vocabularies.get(digest)
        if vocabulary is None:
            vocabulary = self._vocabularies[digest] = b" ".join(set(packed.translate(_APART).split()))
        return tuple([needle for needle in needles if needle in vocabulary or not _is_word(needle)])

    def save(self, digests: Iterable[str]) -> None:
        """Write what this run asked about the files with these contents, where it is not what is there."""
        if not self._changed:
            return
        there = set(digests)
        kept = {
            needles: {digest: bits for digest, bits in found.items() if digest in there}
            for needles, found in self._asked.items()
        }
        self._pack.write((self._code, kept))
        self._changed = False


@cache
def _is_word(needle: bytes) -> bool:
    """Whether it occurs in packed bodies only inside of what stands in a vocabulary."""
    return _WORD.fullmatch(needle) is not None


def search(packed: bytes, ends: Sequence[int], needles: Needles) -> int:
    """The scopes whose own bodies mention one of these, as the bits of their indices.

    Found from place to place: most files hold few of them.

    Args:
        packed: the bodies, one after the other.
        ends: where each of them ends.
        needles: what is looked for.
    """
    found = 0
    for needle in needles:
        at = packed.find(needle)
        while 0 <= at < len(packed):
            index = bisect_right(ends, at)
            end = ends[index]
            if at + len(needle) <= end:
                found |= 1 << index
                at = packed.find(needle, end)
            else:
                at = packed.find(needle, at + 1)
    return found
