"""What a commit took from the product: names it defined, and words that stood in it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

from greenroom.history.definitions import Header, headers, nested
from greenroom.history.difference import Middle, middle
from greenroom.history.kinship import name_words
from greenroom.history.lookup import texts_in, words_in
from greenroom.history.repository import Change
from greenroom.history.sketch import LONGEST, Sketch

_TELLING = 4
"""Letters of a word that says what something is about."""
_STEM = 6
"""Letters that words of one stem share: `notifier`, `notification`."""
_ENOUGH = 2
_GENERIC = frozenset(
    {"most", "some", "from", "that", "this", "unused", "support", "stuff", "code", "file", "line", "python", "branch",
     "request", "pull", "merge", "master", "main", "feature", "change", "more", "into", "model", "view", "user"}
)  # fmt: skip
"""Words of subjects that name nothing."""
_REMOVAL = re.compile(
    r"\b(?:remov(?:e[sd]?|ing|al)|delist(?:s|ed|ing)?|rm|drop(?:s|ped|ping)?|delet(?:e[sd]?|ing)|revert(?:s|ed|ing)?|retir(?:e[sd]?|ing)|get rid of"
    r"|kill|no longer|clean ?up|deprecat(?:e[sd]?|ing|ions?)|end of|strip|without)\b", re.IGNORECASE
)  # fmt: skip
_OF_TESTS = re.compile(r"(?<![a-z])tests?(?![a-z])", re.IGNORECASE)
_CODE = re.compile(r"(?<=`)\w{3,}(?=`)|\b[a-z]+_\w+\b")
"""What a subject spells as code."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What went from the product in one commit."""

    names: Mapping[str, str]
    """Functions and classes that it defined no more → the path of one that did."""
    moved: frozenset[str]
    """Functions and classes that one file lost and another won."""
    members: frozenset[str]
    """Methods that their classes lost: `Dashboard.recent`."""
    files: frozenset[str]
    """Modules that it deleted."""
    words: frozenset[str]
    """Words of its tests that stood in the changed files before, and that the product knows no more."""
    shortened: frozenset[str]
    """Modules that lost lines and won none."""

    subject: str
    """The first line of its message."""

    @classmethod
    def dropped(
        cls, changes: Iterable[Change], texts: Mapping[str, str], subject: str, words: AbstractSet[str]
    ) -> "Vocabulary":
        """Compare the changed product files before and after.

        Args:
            changes: of the product's files.
            texts: by blob.
            subject: of the commit.
            words: that its tests used and that the product knows no more.
        """
        before: dict[str, str] = {}
        lost: set[str] = set()
        won: set[str] = set()
        members: set[str] = set()
        unseen = set(words)
        shortened: set[str] = set()
        files = set()
        for change in changes:
            old, new = texts.get(change.before, ""), texts.get(change.after, "")
            edit = middle(old, new)
            if _lines_of(edit.before) != _lines_of(edit.after):
                had, has = headers(old), headers(new)
                members |= {
                    ".".join(symbol.split(".")[-2:])
                    for symbol in _symbols(had) - _symbols(has)
                    if "." in symbol
                }
                names, now = ({header.name for header in found} for found in (had, has))
                before |= dict.fromkeys(names - now, change.path)
                lost |= names - now
                won |= now - names
            unseen -= words_in(unseen, old)
            if edit.before and change.after and _takes_away(edit) and any(_lines(new)):
                shortened.add(change.path)
            if not change.after:
                files.add(change.path)
        return cls(
            names={name: path for name, path in before.items() if name not in won},
            moved=frozenset(lost & won), members=frozenset(members), files=frozenset(files),
            words=frozenset(words - unseen), shortened=frozenset(shortened), subject=subject,
        )  # fmt: skip

    def modules_called(self, name: str) -> Sequence[str]:
        """Of the modules that it deleted, those with such a file name."""
        return self._files_by_name.get(name, ())

    @cached_property
    def _files_by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.files:
            found[path.rpartition("/")[2]].append(path)
        return found


NOTHING = Vocabulary(
    names={},
    moved=frozenset(),
    members=frozenset(),
    files=frozenset(),
    words=frozenset(),
    shortened=frozenset(),
    subject="",
)


def _lines_of(text: str) -> list[tuple[str, bool, str]]:
    """The lines that define something."""
    return [header[1:] for header in headers(text)]


def _symbols(found: Iterable[Header]) -> set[str]:
    return {symbol for symbol, _ in nested(found)}


def _takes_away(edit: Middle) -> bool:
    """Whether an edit only took lines away; imports and what is left of a list do not count as new."""
    left = Counter(_lines(edit.before))
    for line in _lines(edit.after):
        if not left[line]:
            return False
        left[line] -= 1
    return any(left.values())


def _lines(text: str) -> Iterator[str]:
    stripped = (line.strip() for line in text.splitlines())
    return (line for line in stripped if line and not line.startswith(("import ", "from ", "#")))


def dropped_texts(
    wanted: AbstractSet[str], changes: Iterable[Change], texts: Mapping[str, str]
) -> frozenset[str]:
    """Of these, what stood in a changed file before, and in none after."""
    if not wanted:
        return frozenset()
    pairs = [(texts.get(change.before, ""), texts.get(change.after, "")) for change in changes]
    gone = texts_in(wanted, "\n".join(_around(before, after) for before, after in pairs if before))
    return frozenset(gone - texts_in(gone, "\n".join(after for _, after in pairs)))


def _around(before: str, after: str) -> str:
    """The lines that were edited, with so much beside them that a text which reaches into them is whole."""
    edit = middle(before, after)
    return before[max(0, edit.start - LONGEST) : edit.start + len(edit.before) + LONGEST]


def is_named_in_removal(deleted: Sketch, subject: str) -> bool:
    """Whether a commit that says that it removes something says so in the words of the test's name and file."""
    found = _removal(subject)
    if found is None:
        return False
    said = _telling(subject[found.end() :])
    own = {word for word in name_words(deleted.symbol) if len(word) >= _TELLING}
    around = {word for part in deleted.path.removesuffix(".py").split("/") for word in name_words(part)}
    around |= {word for module in deleted.file.imported for word in name_words(module)}
    if deleted.body_words & set(_CODE.findall(subject[found.end() :])):
        return True
    heard = {word for word in said if any(_is_kin(word, other) for other in own | around)}
    both = {word for word in own if any(_is_kin(word, other) for other in said)}
    return len(heard) >= _ENOUGH or bool(heard and heard == said) or bool(both and len(both) * 2 >= len(own))


def says_removal(subject: str) -> bool:
    """Whether a commit says that it removes something of the product."""
    return _removal(subject) is not None


def _removal(subject: str) -> re.Match[str] | None:
    """Where it says so; that tests were removed says nothing of the product."""
    found = _REMOVAL.search(subject)
    return None if found is None or _OF_TESTS.search(subject, found.end()) else found


def touches_removal(deleted: Sketch, subject: str) -> bool:
    """Whether a commit that says that it removes something says it in any word of the test's."""
    found = _removal(subject)
    if found is None:
        return False
    called = (name_words(name) for name in deleted.calls)
    own = frozenset().union(name_words(deleted.symbol), name_words(deleted.path), *called)
    return any(_is_kin(word, other) for word in own for other in _telling(subject[found.end() :]))


def _telling(text: str) -> set[str]:
    return {word for word in name_words(text) - _GENERIC if word.isalpha() and len(word) >= _TELLING}


def _is_kin(word: str, other: str) -> bool:
    """`hash` and `hashed`, `notifier` and `notification`."""
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(word, other, strict=False)))
    return common >= _TELLING and (common >= _STEM or common == min(len(word), len(other)))
