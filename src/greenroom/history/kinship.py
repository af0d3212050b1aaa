"""Which surviving tests are like a deleted one."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from greenroom.history.sketch import Sketch

_COMMON = 50
"""A shingle of more survivors than this says nothing of kinship."""
_NEAREST = 12
_NAMESAKES = 20
_PART = re.compile(r"[a-z]+|[A-Z][a-z]*|\d+")
_REFUSAL = frozenset(
    {"not", "no", "cannot", "cant", "invalid", "error", "errors", "fail", "fails", "failure", "missing", "without",
     "forbidden", "denied", "denies", "unauthorized", "reject", "rejects", "rejected", "refuses", "raises", "raise",
     "wrong", "bad", "unknown", "nonexistent", "expired", "never", "only", "anonymous", "duplicate", "timeout"}
)  # fmt: skip
_SAYS_NOTHING = frozenset({"test", "tests", "should", "the", "a", "is", "with", "when", "it"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How much of one function is in another; shares from 0 to 1."""

    other: Sketch
    similarity: float
    """Common shingles of all shingles of both."""
    contained: float
    """Common shingles of the deleted one's."""
    named_alike: float
    """Common words of their names of all words of both names."""
    same_mood: bool
    """Both names speak of a refusal, or neither does."""


class Kin:
    """All functions at the end of the range, by what they are made of."""

    def __init__(self, survivors: Iterable[Sketch]) -> None:
        self.survivors = list(survivors)
        self._by_name: dict[str, list[Sketch]] = defaultdict(list)
        self._by_identity: dict[tuple[str, str], Sketch] = {}
        self._by_shingle: dict[tuple[str, ...], list[Sketch]] = defaultdict(list)
        for survivor in self.survivors:
            self._by_name[survivor.name].append(survivor)
            self._by_identity[survivor.path, survivor.symbol] = survivor
            for shingle in survivor.shingles:
                self._by_shingle[shingle].append(survivor)

    def find(self, path: str, symbol: str) -> Sketch | None:
        """The survivor of this name in this file."""
        return self._by_identity.get((path, symbol))

    def namesakes(self, name: str) -> int:
        """How many survivors are called so."""
        return len(self._by_name.get(name, ()))

    def likely(self, deleted: Sketch, added: Iterable[tuple[str, str]]) -> list[Likeness]:
        """The survivors that it may live on in, most alike first.

        Args:
            deleted: what is gone.
            added: path and symbol of what the same commit added.
        """
        near: list[Sketch] = [*self._nearest(deleted), *self._by_name[deleted.name][:_NAMESAKES]]
        near += [found for identity in added if (found := self._by_identity.get(identity)) is not None]
        alike = [compare(deleted, other) for other in dict.fromkeys(near) if other.is_test is deleted.is_test]
        return sorted(alike, key=lambda one: (-one.similarity, one.other.path, one.other.line))

    def _nearest(self, deleted: Sketch) -> list[Sketch]:
        votes: Counter[Sketch] = Counter()
        for shingle in deleted.shingles:
            owners = self._by_shingle.get(shingle, ())
            if 0 < len(owners) <= _COMMON:
                for owner in owners:
                    votes[owner] += 1.0 / len(owners)  # type: ignore[assignment]  # a Counter of weights
        return [sketch for sketch, _ in votes.most_common(_NEAREST)]


def compare(deleted: Sketch, other: Sketch) -> Likeness:
    """How alike two functions are."""
    common = (deleted.shingles & other.shingles).total()
    mine, theirs = deleted.shingles.total(), other.shingles.total()
    return Likeness(
        other=other,
        similarity=common / ((mine + theirs - common) or 1),
        contained=common / (mine or 1),
        named_alike=_named_alike(deleted.name, other.name),
        same_mood=_speaks_of_refusal(deleted.name) is _speaks_of_refusal(other.name),
    )


def _named_alike(one: str, other: str) -> float:
    mine, theirs = _name_words(one), _name_words(other)
    return len(mine & theirs) / (len(mine | theirs) or 1)


def _speaks_of_refusal(name: str) -> bool:
    return not _REFUSAL.isdisjoint(_name_words(name))


def _name_words(name: str) -> set[str]:
    return {part.lower() for part in _PART.findall(name)} - _SAYS_NOTHING
