"""Which of many words, or of many texts, stand in another text.

To look for each by itself is fast where they are few. A commit that deletes a thousand tests with a thousand modules
asks for thousands in megabytes: those are found through words that must stand in the same line.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import chain

from greenroom.history.words import rows_of, words_of

_FEW_WORDS = 30
_FEW_TEXTS = 150
"""Up to so many are found sooner one by one."""
_WORD = re.compile(r"\w+")


def words_in(wanted: AbstractSet[str], text: str) -> AbstractSet[str]:
    """Of these words, those that stand in a text."""
    if len(wanted) > _FEW_WORDS:
        return wanted & words_of(text)
    likely = {word for word in wanted if word in text}
    return likely and likely & words_of(text)


def texts_in(wanted: AbstractSet[str], text: str) -> AbstractSet[str]:
    """Of these texts, each within a line, those that stand in another."""
    if len(wanted) <= _FEW_TEXTS:
        return {one for one in wanted if one in text}
    wordless = {one for one in wanted if not _WORD.search(one)}
    found = {one for one in wordless if one in text}
    by_word = _by_word(wanted - wordless, Counter(chain.from_iterable(rows_of(text))))
    asked = by_word.keys()
    for words, line in zip(rows_of(text), text.split("\n"), strict=True):
        for word in asked & words:
            here = {one for one in by_word[word] if one in line}
            found |= here
            by_word[word] -= here
    return found


def _by_word(wanted: Iterable[str], counted: Mapping[str, int]) -> Mapping[str, set[str]]:
    """Each text by words of which one stands in any line that it is in; the rarest, where there is a choice."""
    found: dict[str, set[str]] = defaultdict(set)
    spelled = "\n".join(["", *counted, ""])
    for one in wanted:
        options = [[word] for word in _whole_words(one)] or [
            [*_spelled_with(piece, spelled)] for piece in _pieces(one)
        ]
        for word in min(options, key=lambda words: sum(counted.get(word, 0) for word in words)):
            found[word].add(one)
    return found


def _whole_words(text: str) -> list[str]:
    """Those that neither begin nor end it: where it stands in a line, they are the same there."""
    return [word[0] for word in _WORD.finditer(text) if word.start() > 0 and word.end() < len(text)]


def _pieces(text: str) -> Iterator[str]:
    """What it has of words that may be longer where it stands, with a line break where they are not."""
    for word in _WORD.finditer(text):
        yield f"{chr(10) * (word.start() > 0)}{word[0]}{chr(10) * (word.end() < len(text))}"


def _spelled_with(piece: str, spelled: str) -> Iterator[str]:
    """The words that a piece is of, of all that are spelled in lines of their own."""
    at = spelled.find(piece)
    while at >= 0:
        start = spelled.rfind("\n", 0, at + 1) + 1
        end = spelled.find("\n", at + 1)
        yield spelled[start:end]
        at = spelled.find(piece, end)
