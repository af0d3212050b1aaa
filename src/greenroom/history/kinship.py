"""Which tests are like a deleted one."""

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

from greenroom.history.sketch import Sketch

Shingle = tuple[str, ...]
_Mark = TypeVar("_Mark", bound=Hashable)
_Owner = TypeVar("_Owner", bound=Hashable)
_COMMON = 50
"""What more tests than this have in common says nothing of kinship."""
_COMMON_WORD = 400
"""The same for words of names, which tell more together than each alone."""
_NEAREST = 12
_NAMESAKES = 20
_PART = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*|\d+")
_REFUSAL = frozenset(
    {"not", "no", "cannot", "cant", "invalid", "error", "fail", "failure", "missing", "without",
     "forbidden", "denied", "denie", "unauthorized", "reject", "rejected", "refuse", "raise",
     "wrong", "bad", "unknown", "nonexistent", "expired", "never", "only", "anonymou", "duplicate", "timeout"}
)  # fmt: skip
"""As `_stem` leaves them."""
_SAYS_NOTHING = frozenset(
    {"test", "should", "the", "a", "i", "with", "when", "it", "can", "and", "for", "of", "to"}
)


class Likeness(NamedTuple):
    """How much of one function is in another; shares from 0 to 1."""

    one: Sketch
    other: Sketch
    similarity: float
    """Common shingles of all shingles of both."""
    contained: float
    """Common shingles of the deleted one's."""
    named_alike: float
    """Common words of their names of all words of both names."""
    tells: bool
    """The rarest word of the one's name is in the other's, too; true where nobody counted."""
    near: float
    """How close they stand: 1 in the same class of the same file, 0 far away."""

    # Most are asked for none of the following.

    @property
    def same_mood(self) -> bool:
        """Both names speak of a refusal, or neither does."""
        return speak_alike(self.one.name, self.other.name)

    @property
    def same_routes(self) -> bool:
        """They request the same, or one requests nothing by its path."""
        mine, its = self.one.routes, self.other.routes
        return not (mine and its) or not mine.isdisjoint(its)

    @property
    def same_subject(self) -> bool:
        """They touch something together, or one touches nothing."""
        mine, its = self.one.about, self.other.about
        return not (mine and its) or not mine.isdisjoint(its)

    @property
    def shares_subject(self) -> bool:
        """They touch or request something together."""
        return not self.one.about.isdisjoint(self.other.about) or not self.one.routes.isdisjoint(
            self.other.routes
        )


class Kin:
    """Functions among which the heirs of others are looked for, by what they are made of."""

    def __init__(self, candidates: Iterable[Sketch], asking: Iterable[Sketch]) -> None:
        """Get ready.

        Args:
            candidates: who may be an heir.
            asking: whose heirs will be asked for: what none of them is made of is not kept.
        """
        self.candidates = list(candidates)
        self._by_name: dict[str, list[Sketch]] = defaultdict(list)
        self._by_word: dict[str, list[Sketch]] = defaultdict(list)
        self._by_shingle: dict[Shingle, list[Sketch]] = defaultdict(list)
        wanted: set[Shingle] = set().union(*(one.shingles for one in asking))
        for candidate in self.candidates:
            self._by_name[candidate.name].append(candidate)
            for word in name_words(candidate.name):
                self._by_word[word].append(candidate)
            for shingle in candidate.among(wanted):
                self._by_shingle[shingle].append(candidate)

    def namesakes(self, name: str) -> int:
        """How many are called so."""
        return len(self._by_name.get(name, ()))

    def likely(self, deleted: Sketch) -> list[Likeness]:
        """Those that it may live on in, most alike first."""
        near = [
            *nearest(deleted.shingles, self._by_shingle),
            *nearest(sorted(name_words(deleted.name)), self._by_word, _COMMON_WORD),
            *self._by_name.get(deleted.name, ())[:_NAMESAKES],
        ]
        rarest = self._rarest(deleted)
        alike = [
            compare(deleted, other, rarest)
            for other in dict.fromkeys(near)
            if other.is_test is deleted.is_test
        ]
        return sorted(alike, key=lambda one: (-one.similarity, -one.near, one.other.path, one.other.line))

    def _rarest(self, sketch: Sketch) -> str:
        return min(
            sorted(name_words(sketch.name)), key=lambda word: len(self._by_word.get(word, ())), default=""
        )


def nearest(
    marks: Iterable[_Mark], owners: Mapping[_Mark, Sequence[_Owner]], common: int = _COMMON
) -> list[_Owner]:
    """Those that share most marks, rare ones counting more."""
    votes: dict[_Owner, float] = defaultdict(float)
    for mark in marks:
        sharing = owners.get(mark)
        if sharing and len(sharing) <= common:
            vote = 1.0 / len(sharing)
            for owner in sharing:
                votes[owner] += vote
    return heapq.nlargest(_NEAREST, votes, key=votes.__getitem__)


def compare(deleted: Sketch, other: Sketch, rarest: str = "") -> Likeness:
    """How alike two functions are."""
    common = in_common(deleted, other)
    theirs = name_words(other.name)
    return Likeness(
        one=deleted,
        other=other,
        similarity=common / ((deleted.size + other.size - common) or 1),
        contained=common / (deleted.size or 1),
        named_alike=named_alike(deleted, other),
        tells=not rarest or rarest in theirs or rarest in name_words(other.symbol),
        near=nearness(deleted, other),
    )


def named_alike(one: Sketch, other: Sketch) -> float:
    """Common words of their names of all words of both names."""
    mine, its = name_words(one.name), name_words(other.name)
    return len(mine & its) / (len(mine | its) or 1)


def in_common(one: Sketch, other: Sketch) -> int:
    """Their common shingles, those that occur several times in both counted as often."""
    once = len(one.kinds & other.kinds)
    if not (one.repeated and other.repeated):
        return once
    several = one.repeated.keys() & other.repeated.keys()
    return once + sum(min(one.repeated[shingle], other.repeated[shingle]) - 1 for shingle in several)


def speak_alike(name: str, other: str) -> bool:
    """Both names speak of a refusal, or neither does."""
    return _REFUSAL.isdisjoint(name_words(name)) is _REFUSAL.isdisjoint(name_words(other))


def nearness(one: Sketch, other: Sketch) -> float:
    """How close they stand: 1 in the same class of the same file, 0 far away."""
    if one.path == other.path:
        return 1.0 if one.symbol.rpartition(".")[0] == other.symbol.rpartition(".")[0] else 0.8
    folder, _, file = one.path.rpartition("/")
    other_folder, _, other_file = other.path.rpartition("/")
    return 0.6 if file == other_file else 0.4 if folder == other_folder else 0.0


@lru_cache(maxsize=100_000)
def name_words(name: str) -> frozenset[str]:
    """The telling words of a name, without their endings."""
    return frozenset(_stem(part.lower()) for part in _PART.findall(name)) - _SAYS_NOTHING


def _stem(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def beyond(one: Mapping[Shingle, int], other: Mapping[Shingle, int]) -> Counter[Shingle]:
    """What one has more often than the other; as `Counter` subtracts, and several times as fast."""
    return Counter(
        {
            shingle: times - other.get(shingle, 0)
            for shingle, times in one.items()
            if times > other.get(shingle, 0)
        }
    )


def shared(one: Mapping[Shingle, int], other: Mapping[Shingle, int]) -> int:
    """How many shingles two have in common."""
    if len(other) < len(one):
        one, other = other, one
    return sum(min(times, other[shingle]) for shingle, times in one.items() if shingle in other)
