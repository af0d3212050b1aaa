"""Which scopes of which file mention what, kept by content: searching all packed bodies costs half a second."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from greenroom.project.code.kept_answers import KeptAnswers
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
        self.kept = KeptAnswers[Needles](Pack(root, "searches", _FORMAT), own_code("project", "code"))
        self._vocabularies: dict[str, bytes] = {}

    def places(self, digest: str, packed: bytes, ends: Sequence[int], needles: Needles) -> int:
        """As `search` says of the file with this content."""
        asked = self.kept.asked.get(needles)
        if asked is None:
            if len(self.kept.asked) >= _MOST_QUESTIONS:
                return search(packed, ends, needles)
            asked = self.kept.open(needles)
        found: int | None = asked.get(digest)
        if found is None:
            found = search(packed, ends, self._likely(digest, packed, needles))
            self.kept.add(needles, digest, found)
        return found

    def _likely(self, digest: str, packed: bytes, needles: Needles) -> Needles:
        """Without those that occur nowhere in the file: its vocabulary is a fifth as long."""
        vocabulary = self._vocabularies.get(digest)
        if vocabulary is None:
            vocabulary = self._vocabularies[digest] = b" ".join(set(packed.translate(_APART).split()))
        return tuple([needle for needle in needles if needle in vocabulary or not _is_word(needle)])


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
