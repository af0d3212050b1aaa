"""What a commit took from the product: names it defined, and words that stood in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from greenroom.history.definitions import definitions
from greenroom.history.kinship import name_words
from greenroom.history.repository import Change
from greenroom.history.sketch import Sketch

_TELLING = 4
"""Letters of a word that says what something is about."""
_ENOUGH = 2
_REMOVAL = re.compile(
    r"\b(?:remov(?:e[sd]?|ing)|drop(?:s|ped|ping)?|delet(?:e[sd]?|ing)|revert(?:s|ed|ing)?|retir(?:e[sd]?|ing)|get rid of"
    r"|kill|no longer|clean ?up|deprecat(?:e[sd]?|ing|ions?)|end of|strip|without)\b", re.IGNORECASE
)  # fmt: skip
_WORD = re.compile(r"[^\W\d]\w{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What went from the product in one commit."""

    names: Mapping[str, str]
    """Functions and classes that it defined no more → the path of one that did."""
    moved: frozenset[str]
    """Functions and classes that one file lost and another won."""
    words: frozenset[str]
    """Words that stood in the changed files before, and in none of them after."""

    subject: str
    """The first line of its message."""

    @classmethod
    def dropped(cls, changes: Iterable[Change], texts: Mapping[str, str], subject: str) -> "Vocabulary":
        """Compare the changed product files before and after."""
        before: dict[str, str] = {}
        lost: set[str] = set()
        won: set[str] = set()
        words: set[str] = set()
        left: set[str] = set()
        for change in changes:
            old, new = texts.get(change.before, ""), texts.get(change.after, "")
            names, now = ({found.name for found in definitions(text)} for text in (old, new))
            before |= dict.fromkeys(names - now, change.path)
            lost |= names - now
            won |= now - names
            words.update(_WORD.findall(old))
            left.update(_WORD.findall(new))
        return cls(
            names={name: path for name, path in before.items() if name not in won},
            moved=frozenset(lost & won), words=frozenset(words - left), subject=subject,
        )  # fmt: skip


NOTHING = Vocabulary(names={}, moved=frozenset(), words=frozenset(), subject="")


def is_named_in_removal(deleted: Sketch, subject: str) -> bool:
    """Whether a commit that says that it removes something says so in the words of the test's name and file."""
    found = _REMOVAL.search(subject)
    if found is None:
        return False
    said = {word for word in name_words(subject[found.end() :]) if len(word) >= _TELLING}
    own = {word for word in name_words(deleted.symbol) if len(word) >= _TELLING}
    file = name_words(deleted.path.rpartition("/")[2].removesuffix(".py"))
    both = {word for word in own | file if any(_is_kin(word, other) for other in said)}
    return len(both) >= _ENOUGH or bool(own & both and len(own & both) * 2 >= len(own))


def _is_kin(word: str, other: str) -> bool:
    """`hash` and `hashed`, `member` and `membership`."""
    return (
        len(word) >= _TELLING
        and len(other) >= _TELLING
        and (word.startswith(other) or other.startswith(word))
    )
