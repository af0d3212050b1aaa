"""Who took a deleted test's place, told from what its own commit added and edited."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from greenroom.history.difference import middle
from greenroom.history.kinship import (
    Kin,
    Likeness,
    Shingle,
    beyond,
    compare,
    name_words,
    nearest,
    nearness,
    shared,
)
from greenroom.history.outline import untouched
from greenroom.history.sketch import Sketch, TestFile
from greenroom.model.history import Fate

_SAME = 0.97
_ALIKE = 0.7
"""Similarity from which a body counts as the same test, edited."""
_ALIKE_NEAR = 0.6
"""The same in the same file or its namesake."""
_ALIKE_NAMESAKE = 0.4
"""The same where the name is the same too."""
_ALIKE_IN_NAME = 0.5
"""The same where the names are a little alike."""
_LITTLE = 0.15
"""Similarity below which not even a telling name makes two tests the same."""
_NAMED_ALIKE = 0.6
_HALF_ALIKE = 0.45
_LITTLE_ALIKE = 0.3
_HARDLY_ALIKE = 0.2
_NEAR = 0.6
_TELLING = 3
"""Words of a name that is nobody else's by chance."""
_TINY = 12
"""Shingles; below, bodies are alike by chance."""
_SMALL = 30
_WITHIN = 0.8
"""Share of the body that must be in a larger test, or in several."""
_WITHIN_CASES = 0.5
"""The same where the larger one has cases: what was written out is a parameter now."""
_WITHIN_STRANGE_CASES = 0.75
"""The same where the names have nothing in common."""
_SHARE = 0.25
"""Share that each of several must bring."""
_MOST_PARTS = 4
_MOST_EDITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Heir:
    """In whom a deleted function lives on."""

    fate: Fate
    successors: tuple[Sketch, ...]
    similarity: float
    """0 to 1; for MERGED and SPLIT, the share of the deleted body that they hold."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Edit:
    """A function that the commit changed."""

    before: Sketch
    after: Sketch

    @cached_property
    def gain(self) -> Counter[Shingle]:
        """What it brought to the function."""
        return beyond(self.after.shingles, self.before.shingles)


def edited(before: TestFile, after: TestFile) -> Iterator[Edit]:
    """The tests and helpers that stand in two versions of a file, and not with the same text."""
    edit = middle(before.text, after.text)
    changed = (edit.start, edit.start + len(edit.after))
    same = {one.start for one in untouched(after.text, after.defined, changed)}
    longer = len(after.text) - len(before.text)
    for symbol, one in after.sketches.items():
        old = before.sketches.get(symbol)
        start = one.definition.start
        moved = 0 if start < edit.start else longer
        if old is None or (start in same and old.definition.start + moved == start):
            continue
        if old.passage.text != one.passage.text:
            yield Edit(before=old, after=one)


def find_heirs(
    removed: Sequence[Sketch], added: Sequence[Sketch], edits: Sequence[Edit]
) -> dict[Sketch, Heir]:
    """Pair what one commit removed with what it added or edited."""
    heirs = _unchanged(removed, added)
    taken = {heir.successors[0] for heir in heirs.values()}
    left = [one for one in removed if one not in heirs]
    if not left or not (added or edits):
        return heirs
    kin = Kin(added, left)
    likely = {one: kin.likely(one) for one in left}
    moved = set(taken)
    heirs |= _edited(likely, kin, taken)
    edited = _Edits(edits, left)
    for one in left:
        if one not in heirs:
            found = (
                merged(one, [other for other in likely[one] if other.other not in moved])
                or (_into_edited(one, edited.near(one)) if one.size >= _TINY else None)
                or split(one, likely[one])
            )
            if found := found or _rewritten(one, likely[one]) or _spread(one, likely[one]):
                heirs[one] = found
    return heirs


def _unchanged(removed: Sequence[Sketch], added: Sequence[Sketch]) -> dict[Sketch, Heir]:
    """Those that stand elsewhere with the same name and text, or at least the same words."""
    names = {one.name for one in removed}
    namesakes = [one for one in added if one.name in names]
    found = _equal(removed, namesakes, lambda one: one.passage.text)
    taken = {heir.successors[0] for heir in found.values()}
    left = [one for one in removed if one not in found]
    names = {one.name for one in left}
    others = [one for one in namesakes if one.name in names and one not in taken]
    return found | _equal(left, others, lambda one: one.words)


def _equal(
    removed: Iterable[Sketch], added: Iterable[Sketch], key: Callable[[Sketch], Hashable]
) -> dict[Sketch, Heir]:
    same: dict[tuple[str, Hashable], list[Sketch]] = defaultdict(list)
    for one in added:
        same[one.name, key(one)].append(one)
    found = {}
    for one in removed:
        options = same.get((one.name, key(one)))
        if options:
            best = options[0] if len(options) == 1 else max(options, key=lambda other: _closeness(one, other))
            options.remove(best)
            found[one] = Heir(fate=Fate.MOVED, successors=(best,), similarity=1.0)
    return found


def _closeness(one: Sketch, other: Sketch) -> tuple[bool, float]:
    return one.symbol == other.symbol, nearness(one, other)


def _edited(likely: dict[Sketch, list[Likeness]], kin: Kin, taken: set[Sketch]) -> dict[Sketch, Heir]:
    """One to one, the surest first."""
    namesakes: dict[str, int] = defaultdict(int)
    for one in likely:
        namesakes[one.name] += 1
    pairs = [
        (_score(one, other), one, other)
        for one, others in likely.items()
        for other in others
        if other.other not in taken
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair[1].path, pair[1].line, pair[2].other.line))
    found: dict[Sketch, Heir] = {}
    for _, one, other in pairs:
        if one in found or other.other in taken:
            continue
        alone = namesakes[one.name] == 1 and kin.namesakes(one.name) == 1
        fate = same_test(one, other, alone=alone)
        if fate is not None:
            found[one] = Heir(fate=fate, successors=(other.other,), similarity=other.similarity)
            taken.add(other.other)
    return found


def _score(one: Sketch, other: Likeness) -> float:
    same_name = 0.3 if one.name == other.other.name else 0.0
    same_class = 0.1 if one.symbol == other.other.symbol else 0.0
    return other.similarity + 0.3 * other.named_alike + same_name + same_class + 0.1 * other.near


def same_test(one: Sketch, other: Likeness, *, alone: bool) -> Fate | None:
    """Whether another function is this one, moved, renamed or edited.

    Args:
        one: the deleted function.
        other: the candidate.
        alone: whether nobody else on either side has the name.
    """
    if one.name == other.other.name:
        return _same_name(one, other, alone=alone)
    if other.similarity < _LITTLE_ALIKE:
        return None
    if other.similarity >= _SAME:
        near = one.is_test and other.near >= _NEAR
        fits = near or one.size >= _SMALL or other.named_alike >= _HARDLY_ALIKE
    elif not other.same_routes and other.named_alike < _HALF_ALIKE:
        fits = False
    elif not other.same_mood:
        # The opposite case, as a rule; but hardly one that comes as the other goes, in the same place.
        fits = other.near > _NEAR and min(other.similarity, other.named_alike) >= _ALIKE_NAMESAKE
    elif other.similarity >= (_ALIKE if other.near < _NEAR else _ALIKE_NEAR):
        fits = one.size >= _SMALL or other.named_alike >= _LITTLE_ALIKE
    else:
        fits = other.similarity >= _ALIKE_IN_NAME and other.named_alike >= _LITTLE_ALIKE
        fits = fits or (other.near > _NEAR and other.named_alike >= _HALF_ALIKE)
    return Fate.RENAMED if fits else None


def _same_name(one: Sketch, other: Likeness, *, alone: bool) -> Fate | None:
    generic = len(name_words(one.name)) < 2 and not alone and other.near < _NEAR
    if other.similarity >= (_WITHIN if generic else _ALIKE_NAMESAKE):
        return Fate.MOVED
    telling = len(name_words(one.name)) >= _TELLING or other.near >= _NEAR
    if alone and (telling or other.similarity >= _LITTLE_ALIKE):
        return Fate.MOVED if other.similarity >= _LITTLE_ALIKE else Fate.REPLACED
    return None


def _rewritten(one: Sketch, likely: Iterable[Likeness]) -> Heir | None:
    """A test of another body whose name says the same."""
    fitting = [other for other in likely if says_the_same(other)]
    best = max(fitting, key=lambda other: (other.named_alike, other.similarity), default=None)
    if best is None or not one.is_test:
        return None
    return Heir(fate=Fate.REPLACED, successors=(best.other,), similarity=best.similarity)


def says_the_same(other: Likeness) -> bool:
    """Whether its name speaks of the same behaviour, and nothing speaks against it."""
    if other.named_alike < _HALF_ALIKE:
        return False
    strange = not other.same_routes or not other.same_subject
    if not other.same_mood or (strange and other.near < _NEAR):
        return False
    if not other.tells and other.similarity < _HALF_ALIKE:
        return False
    if other.near < _NEAR and other.similarity < _LITTLE_ALIKE and not other.shares_subject:
        return False
    if other.named_alike >= _NAMED_ALIKE:
        return other.similarity >= _LITTLE or other.near >= _NEAR or other.named_alike >= 0.75
    return other.similarity >= (_LITTLE if other.near >= _NEAR else _LITTLE_ALIKE)


def merged(one: Sketch, likely: Iterable[Likeness]) -> Heir | None:
    """A larger test that holds it, or that has it as a case."""
    if one.size < _TINY:
        return None
    whole = [
        other
        for other in likely
        if _holds(one, other)
        and one.checks <= other.other.checks
        and (other.same_subject or other.near >= _NEAR)
    ]
    best = max(whole, key=lambda other: (other.contained, other.near), default=None)
    if best is None:
        return None
    return Heir(fate=Fate.MERGED, successors=(best.other,), similarity=best.contained)


def _holds(one: Sketch, other: Likeness) -> bool:
    if other.contained >= _WITHIN or other.contained < _WITHIN_CASES:
        return other.contained >= _WITHIN
    related = other.near > _NEAR or other.named_alike >= _LITTLE_ALIKE
    cases = other.other.has_cases and not one.has_cases
    named = other.same_mood and other.named_alike >= _HARDLY_ALIKE
    return cases and related and other.contained >= (_WITHIN_CASES if named else _WITHIN_STRANGE_CASES)


class _Edits:
    """What a commit edited, by what each edit brought; looked at when somebody asks."""

    def __init__(self, edits: Sequence[Edit], asking: Sequence[Sketch]) -> None:
        self._edits = edits
        self._asking = asking

    def near(self, one: Sketch) -> list[Edit]:
        """Those that may have taken it in."""
        brought = nearest(one.shingles, self._by_shingle)
        return list(dict.fromkeys([*brought, *self._with_cases.get(one.path, ())[:_MOST_EDITS]]))

    @cached_property
    def _by_shingle(self) -> dict[Shingle, list[Edit]]:
        found: dict[Shingle, list[Edit]] = defaultdict(list)
        wanted: set[Shingle] = set().union(*(one.shingles for one in self._asking))
        for edit in self._edits:
            for shingle in edit.after.among(wanted):
                if shingle in edit.gain:
                    found[shingle].append(edit)
        return found

    @cached_property
    def _with_cases(self) -> dict[str, list[Edit]]:
        found: dict[str, list[Edit]] = defaultdict(list)
        for edit in self._edits:
            if edit.after.has_cases:
                found[edit.after.path].append(edit)
        return found


def _into_edited(one: Sketch, edits: Iterable[Edit]) -> Heir | None:
    """A test that was there before, and took it in."""
    best: tuple[float, Sketch] | None = None
    for edit in edits:
        if edit.after.is_test is not one.is_test:
            continue
        share = _taken_in(one, edit)
        if share and (best is None or share > best[0]):
            best = share, edit.after
    return best and Heir(fate=Fate.MERGED, successors=(best[1],), similarity=min(1.0, best[0]))


def _taken_in(one: Sketch, edit: Edit) -> float:
    """The share of it that the edited test holds; 0 unless it is the edit that brought it there."""
    brought = shared(one.shingles, edit.gain) / one.size
    if brought >= _WITHIN:
        return brought
    own = beyond(one.shingles, edit.before.shingles)
    of_own = shared(own, edit.after.shingles) / (own.total() or 1)
    contained = shared(one.shingles, edit.after.shingles) / one.size
    if own and contained >= _WITHIN and of_own >= _WITHIN_CASES:
        return contained
    likeness = compare(one, edit.after)
    enough = _LITTLE_ALIKE if likeness.named_alike >= _HALF_ALIKE else _WITHIN_CASES
    if not (edit.after.has_cases and likeness.near > _NEAR and contained >= enough):
        return 0.0
    words = set(one.words) - set(edit.before.words) - {one.name}
    new = set(edit.after.words) - set(edit.before.words)
    return contained if words and len(words & new) >= 0.6 * len(words) else 0.0


def split(one: Sketch, likely: Iterable[Likeness]) -> Heir | None:
    """Several tests that hold it together."""
    if one.size < _SMALL:
        return None
    left = one.shingles
    parts: list[Sketch] = []
    for other in sorted(_related(likely), key=lambda other: -other.contained):
        brought = left & other.other.shingles
        if brought.total() >= _SHARE * one.size and len(parts) < _MOST_PARTS:
            parts.append(other.other)
            left = beyond(left, brought)
    covered = 1 - left.total() / one.size
    if len(parts) < 2 or covered < _WITHIN:
        return None
    return Heir(fate=Fate.SPLIT, successors=tuple(parts), similarity=covered)


def _spread(one: Sketch, likely: Iterable[Likeness]) -> Heir | None:
    """Several tests that came in its place in the same class, each a little like it."""
    parts = [
        other
        for other in likely
        if other.near == 1.0 and other.similarity >= _SHARE and other.named_alike >= _LITTLE_ALIKE
    ]
    if not 2 <= len(parts) <= _MOST_PARTS or not one.is_test:
        return None
    left = one.shingles
    for part in parts:
        left = beyond(left, part.other.shingles)
    covered = 1 - left.total() / one.size
    return Heir(fate=Fate.SPLIT, successors=tuple(part.other for part in parts), similarity=covered)


def _related(likely: Iterable[Likeness]) -> Iterator[Likeness]:
    return (other for other in likely if other.near >= _NEAR or other.named_alike >= _LITTLE_ALIKE)
