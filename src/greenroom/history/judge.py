"""What became of a deleted test."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from greenroom.history.kinship import Kin, Likeness, compare
from greenroom.history.sketch import Sketch
from greenroom.history.subject import Subjects
from greenroom.history.vanished import Identity
from greenroom.model.history import Fate
from greenroom.model.place import Place

_SAME = 0.97
_ALIKE = 0.7
"""Similarity from which a body counts as the same test, edited."""
_ALIKE_NAMESAKE = 0.4
"""The same where the name is the same too."""
_ALIKE_SUCCESSOR = 0.5
"""The same where one commit took the one and added the other, and their names are a little alike."""
_FEW = 2
"""Survivors of one name: with more, the name tells nothing (`test_anonymous`)."""
_WITHIN = 0.8
"""Share of the body that must be in a larger test, or in several."""
_SHARE = 0.2
"""Share that each of several must bring."""
_MOST_PARTS = 4
_COVERED = 0.75
"""Share of what it touched, weighted by rarity, that a replacement must touch."""
_RARE = 8
"""Survivors that touch a name: with fewer, touching it is telling."""
_NAMED_ALIKE = 0.6
_LITTLE_ALIKE = 0.3
_HALF_ALIKE = 0.45
_MOST_TOUCHING = 60
"""Survivors looked at for each name: what more of them touch tells nothing."""
_RECENT = 30
"""Commits: what was added no longer before the deletion may be its successor."""
_TINY = 12
"""Shingles; below, bodies are alike by chance."""
_WITH_ITS_MODULE = 2.0
"""How much a name weighs whose whole module is gone: tests are named after modules."""
_DEAD = 0.6
"""Share of what it touched, weighted by rarity, that must be gone for its subject to be gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A fate with its reason."""

    fate: Fate
    evidence: str
    successors: tuple[Place, ...] = ()
    similarity: float = 0.0


class Judge:
    """Knows all that survives."""

    def __init__(
        self, kin: Kin, subjects: Subjects, births: Mapping[Identity, int], unfit: Callable[[Sketch], str]
    ) -> None:
        """Get ready.

        Args:
            kin: the survivors.
            subjects: the product.
            births: how many commits ago survivors were added; without those older than the range.
            unfit: why a survivor is no replacement, such as not being collected; empty where it is one.
        """
        self._kin = kin
        self._subjects = subjects
        self._births = births
        self._unfit = unfit
        self._born_at: dict[int, list[Identity]] = defaultdict(list)
        for identity, age in births.items():
            self._born_at[age].append(identity)
        self._touching: dict[str, list[Sketch]] = defaultdict(list)
        for survivor in kin.survivors:
            if survivor.is_test and not unfit(survivor):
                for touch in subjects.of(survivor):
                    self._touching[touch].append(survivor)

    def judge(self, deleted: Sketch, age: int, dropped: AbstractSet[str] = frozenset()) -> Verdict:
        """The fate of a test or helper that was deleted `age` commits ago, together with what of the product."""
        likely = self._kin.likely(deleted, self._born_at.get(age, ()))
        fit = [one for one in likely if not self._unfit(one.other)]
        heirs = [one for one in fit if self._born(one.other) <= age + _RECENT]
        successors = {one.other for one in heirs if self._born(one.other) == age}
        found = (
            self._lives_on(deleted, heirs, successors)
            or _merged(deleted, heirs, _WITHIN)
            or _split(deleted, heirs)
            or _merged(deleted, fit, _SAME)
            or (self._covered(deleted, successors, dropped) if deleted.is_test else None)
        )
        return found or self._lost(likely)

    def _born(self, sketch: Sketch) -> float:
        return self._births.get((sketch.path, sketch.symbol), math.inf)

    def covered(self, deleted: Sketch) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What it touched that still exists; and of that, what no surviving test touches."""
        living = sorted(touch for touch in self._subjects.of(deleted) if self._subjects.lives(touch))
        return tuple(living), tuple(touch for touch in living if touch not in self._touching)

    def _lives_on(
        self, deleted: Sketch, heirs: list[Likeness], successors: AbstractSet[Sketch]
    ) -> Verdict | None:
        """The same test elsewhere, or under another name."""
        for one in sorted(heirs, key=lambda one: (-one.similarity, one.other.name != deleted.name)):
            if one.similarity >= self._needed(deleted, one, new=one.other in successors):
                return _lives_as(deleted, one)
        return None

    def _needed(self, deleted: Sketch, one: Likeness, *, new: bool) -> float:
        """The similarity from which a survivor is the deleted test itself."""
        if one.other.name == deleted.name and self._kin.namesakes(deleted.name) <= _FEW:
            return _ALIKE_NAMESAKE
        if deleted.shingles.total() < _TINY:
            return _SAME if new else math.inf
        return _ALIKE_SUCCESSOR if new and one.named_alike >= _LITTLE_ALIKE else _ALIKE

    def _covered(
        self, deleted: Sketch, successors: AbstractSet[Sketch], dropped: AbstractSet[str]
    ) -> Verdict | None:
        """Retired with its subject, or replaced by another test of the same behaviour."""
        weights = {
            touch: 1 / (1 + len(self._touching.get(touch, ()))) for touch in self._subjects.of(deleted)
        }
        dead = {touch for touch in weights if not self._subjects.lives(touch)}
        weights |= {touch: _WITH_ITS_MODULE for touch in dead if self._subjects.lost_module(touch)}
        gone = {word for word in dropped & set(deleted.words) if not self._subjects.knows(word)}
        weights |= dict.fromkeys(gone, 1.0)
        dead |= gone
        total = sum(weights.values())
        if total and sum(weights[touch] for touch in dead) >= _DEAD * total:
            return Verdict(fate=Fate.RETIRED, evidence=f"What it tested is gone too: {_listed(dead)}.")
        living = {touch: weight for touch, weight in weights.items() if touch not in dead}
        found = self._replacement(deleted, living, successors) if living else None
        if found is None:
            return None
        rarest = sorted(living, key=lambda touch: (-living[touch], touch))[:3]
        return Verdict(
            fate=Fate.REPLACED, evidence=f"`{found.other.symbol}` touches the same: {_listed(rarest)}.",
            successors=(_place(found.other),), similarity=found.similarity,
        )  # fmt: skip

    def _replacement(
        self, deleted: Sketch, living: Mapping[str, float], successors: AbstractSet[Sketch]
    ) -> Likeness | None:
        """The test that touches nearly all that this one did, expects the same, and is named or written alike."""
        reached: dict[Sketch, float] = defaultdict(float)
        for touch, weight in living.items():
            for survivor in self._touching.get(touch, ())[:_MOST_TOUCHING]:
                reached[survivor] += weight
        enough = _COVERED * sum(living.values())
        alike = [
            compare(deleted, other)
            for other, weight in reached.items()
            if weight >= enough and deleted.checks <= other.checks
        ]
        rare = max(living.values()) >= 1 / _RARE
        telling = [one for one in alike if _is_telling(one, rare=rare, new=one.other in successors)]
        return max(telling, key=lambda one: (one.similarity, one.named_alike), default=None)

    def _lost(self, likely: list[Likeness]) -> Verdict:
        if not likely:
            return Verdict(fate=Fate.LOST, evidence="Nothing that survives is like it.")
        best = likely[0]
        unfit = self._unfit(best.other)
        if unfit and best.similarity >= _ALIKE_NAMESAKE:
            evidence = f"`{best.other.symbol}` is like it, but is no replacement: {unfit}."
            successors: tuple[Place, ...] = (_place(best.other),)
        else:
            evidence = f"The survivor most like it, `{best.other.symbol}`, has {best.similarity:.0%} in common with it."
            successors = ()
        return Verdict(fate=Fate.LOST, evidence=evidence, successors=successors, similarity=best.similarity)


def _is_telling(one: Likeness, *, rare: bool, new: bool) -> bool:
    """Touching the same things is not yet testing the same behaviour."""
    if not one.same_mood:
        return False
    if one.named_alike >= _NAMED_ALIKE:
        return True
    return rare and (one.similarity >= _HALF_ALIKE or (new and one.named_alike >= _LITTLE_ALIKE))


def _lives_as(deleted: Sketch, one: Likeness) -> Verdict:
    fate = Fate.MOVED if one.other.name == deleted.name else Fate.RENAMED
    how = "the same body" if one.similarity >= _SAME else f"{one.similarity:.0%} of the body in common"
    where = f" in {one.other.path}" if one.other.path != deleted.path else ""
    return Verdict(
        fate=fate, evidence=f"It is `{one.other.symbol}`{where} now: {how}.",
        successors=(_place(one.other),), similarity=one.similarity,
    )  # fmt: skip


def _merged(deleted: Sketch, likely: list[Likeness], needed: float) -> Verdict | None:
    whole = [one for one in likely if one.contained >= needed and deleted.checks <= one.other.checks]
    best = max(whole, key=lambda one: one.contained, default=None)
    if best is None or deleted.shingles.total() < _TINY:
        return None
    if best.other.name == deleted.name:
        return _lives_as(deleted, best)
    return Verdict(
        fate=Fate.MERGED, evidence=f"{best.contained:.0%} of its body is part of `{best.other.symbol}`.",
        successors=(_place(best.other),), similarity=best.similarity,
    )  # fmt: skip


def _split(deleted: Sketch, likely: list[Likeness]) -> Verdict | None:
    left = Counter(deleted.shingles)
    total = left.total()
    if total < 2 * _TINY:
        return None
    parts: list[Sketch] = []
    for one in sorted(likely, key=lambda one: -one.contained):
        brought = left & one.other.shingles
        if brought.total() >= _SHARE * total and len(parts) < _MOST_PARTS:
            parts.append(one.other)
            left -= brought
    covered = 1 - left.total() / total
    if len(parts) < 2 or covered < _WITHIN:
        return None
    names = ", ".join(f"`{part.symbol}`" for part in parts)
    return Verdict(
        fate=Fate.SPLIT, evidence=f"{covered:.0%} of its body is in {names}.",
        successors=tuple(_place(part) for part in parts), similarity=covered,
    )  # fmt: skip


def _place(sketch: Sketch) -> Place:
    return Place(path=sketch.path, line=sketch.line, symbol=sketch.symbol)


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - 3} more" if len(ordered) > 3 else ""
    return ", ".join(f"`{name}`" for name in ordered[:3]) + more
