"""What became of a deleted test."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

from greenroom.history.kinship import Kin, Likeness, compare, name_words, named_alike, nearest
from greenroom.history.lineage import Departure
from greenroom.history.retirement import Retirement
from greenroom.history.sketch import Sketch
from greenroom.history.subject import Subjects
from greenroom.history.succession import Heir, same_test, says_the_same
from greenroom.history.survivors import Survivors, Unfit
from greenroom.history.vanished import Identity
from greenroom.history.verdict import Verdict, listed, place_of, tell
from greenroom.history.vocabulary import says_removal, touches_removal
from greenroom.model.history import Fate

_SAME = 0.97
_ALIKE = 0.7
_NAMESAKE = 0.4
_COVERED = 0.75
"""Share of what it touched, weighted by rarity, that a replacement must touch."""
_RARE = 8
"""Survivors that touch a name: with fewer, touching it is telling."""
_NAMED_ALIKE = 0.6
_HALF_ALIKE = 0.45
_HALVED = 0.5
_LITTLE = 0.15
_MOST_TOUCHING = 60
"""Survivors looked at for each name: what more of them touch tells nothing."""
_RECENT = 30
"""Commits: what was added no longer before the deletion may be its successor."""
_TELLING = 3
"""Words of a name that is nobody else's by chance."""
_NEAR = 0.4
_COMMON_WORD = 400
"""Tests whose names have a word: with more, it tells nothing."""
_LONG = re.compile(r"[a-z]_[a-z]|[a-z][A-Z]")
"""A name of several words: nobody else's by chance."""


class Judge:
    """Knows all that survives."""

    def __init__(
        self, survivors: Survivors, subjects: Subjects, births: Mapping[Identity, int], unfit: Unfit
    ) -> None:
        """Get ready.

        Args:
            survivors: all tests and helpers at the end of the range.
            subjects: the product.
            births: how many commits ago survivors were added; without those older than the range.
            unfit: why a survivor is no replacement, such as not being collected.
        """
        self.survivors = survivors.sketches
        self._survivors = survivors
        self._subjects = subjects
        self._births = births
        self._unfit = unfit
        self._retirement = Retirement(subjects, survivors)

    def inherited(self, gone: Departure, heir: Heir, living: Iterable[Identity]) -> Verdict | None:
        """The fate of what lives on in others, which are there at the end."""
        deleted = gone.sketch
        namesake = heir.successors[0].name == deleted.name
        if (
            heir.fate is Fate.REPLACED
            and not namesake
            and deleted.is_test
            and (retired := self._retirement.verdict(gone))
        ):
            return retired
        same = heir.similarity == 1.0 and heir.fate is Fate.MOVED
        found = [self.survivors[identity] for identity in living if identity in self.survivors]
        fit = [one for one in found if _always_skipped(deleted, one) or self._is_fit(deleted, one, same=same)]
        if fit:
            return tell(deleted, heir, fit)
        return self._unfit_only(deleted, found[0], heir.similarity) if found else None

    def judge(
        self, several: Sequence[tuple[Departure, int]], taken: AbstractSet[Identity]
    ) -> Iterator[Verdict]:
        """The fates of what has no heir in its commit.

        Args:
            several: deletions, and how many commits ago each was.
            taken: survivors into whom others were moved or renamed: who continues another test is no newcomer,
                though the file may be.
        """
        born = [one for identity, one in self.survivors.items() if identity in self._births]
        kin = Kin(born, [gone.sketch for gone, _ in several])
        for gone, age in several:
            alone = kin.namesakes(gone.sketch.name) == 1
            likely = (
                one for one in kin.likely(gone.sketch) if (one.other.path, one.other.symbol) not in taken
            )
            yield self._judge(gone, age, list(likely), alone=alone)

    def _judge(self, gone: Departure, age: int, likely: list[Likeness], *, alone: bool) -> Verdict:
        deleted = gone.sketch
        if deleted.does_nothing:
            return Verdict(fate=Fate.RETIRED, evidence="It did nothing: its body was empty.")
        fit = [one for one in likely if self._is_fit(deleted, one.other)]
        heirs = [
            one
            for one in fit
            if self._births[one.other.path, one.other.symbol] <= age + _RECENT
            and (one.similarity >= _SAME or not self._subjects.are_of_others(deleted.path, one.other.path))
        ]
        found = _lives_on(deleted, heirs, alone=alone) or self._stands_elsewhere(deleted)
        if not found and deleted.is_test:
            found = (
                self._retirement.verdict(gone)
                or _named_alike(deleted, heirs)
                or self._covered(deleted, heirs)
                or self._rewritten(gone)
            )
        return found or self._lost(gone, likely)

    def covered(self, deleted: Sketch) -> tuple[str, ...]:
        """What it touched that still exists."""
        return tuple(sorted(filter(self._subjects.lives, self._subjects.of(deleted))))

    def uncovered(self, covered: Iterable[str]) -> tuple[str, ...]:
        """Of that, what no surviving test touches."""
        return tuple(touch for touch in covered if not self._survivors.count(touch, 1))

    def _stands_elsewhere(self, deleted: Sketch) -> Verdict | None:
        """A copy that was there before."""
        twin = self._survivors.twin(deleted) if deleted.is_test else None
        if twin is None or not self._is_fit(deleted, twin, same=True):
            return None
        return Verdict(
            fate=Fate.MERGED, evidence=f"`{twin.symbol}` in {twin.path} has the same body.",
            successors=(place_of(twin),), similarity=1.0,
        )  # fmt: skip

    def _covered(self, deleted: Sketch, heirs: Iterable[Likeness]) -> Verdict | None:
        """A new test that touches nearly all that this one did, expects the same, and is named or written alike."""
        touches = {touch for touch in self._subjects.of(deleted) if self._subjects.lives(touch)}
        likely = {
            one.other: one
            for one in heirs
            if _is_telling(one, rare=True)
            and deleted.checks <= one.other.checks
            and not touches.isdisjoint(self._subjects.of(one.other))
        }
        if not likely:
            return None
        weights = {touch: 1 / (1 + len(self._survivors.touching(touch))) for touch in touches}
        reached: dict[Sketch, float] = defaultdict(float)
        for touch, weight in weights.items():
            for survivor in self._survivors.touching(touch)[:_MOST_TOUCHING]:
                if survivor in likely:
                    reached[survivor] += weight
        enough = _COVERED * sum(weights.values())
        rare = max(weights.values()) >= 1 / _RARE
        telling = [
            likely[other]
            for other, weight in reached.items()
            if weight >= enough and _is_telling(likely[other], rare=rare)
        ]
        best = max(telling, key=lambda one: (one.similarity, one.named_alike), default=None)
        if best is None:
            return None
        rarest = sorted(weights, key=lambda touch: (-weights[touch], touch))[:3]
        return Verdict(
            fate=Fate.REPLACED, evidence=f"`{best.other.symbol}` touches the same: {listed(rarest)}.",
            successors=(place_of(best.other),), similarity=best.similarity,
        )  # fmt: skip

    def _lost(self, gone: Departure, likely: list[Likeness]) -> Verdict:
        deleted = gone.sketch
        best = likely[0] if likely else None
        if best and best.similarity >= (_NAMESAKE if best.other.name == deleted.name else _ALIKE):
            unfit = self._unfit_only(deleted, best.other, best.similarity)
            if unfit:
                return unfit
        nearest = (
            f"the newer test most like it, `{best.other.symbol}`, has {best.similarity:.0%} in common with it"
            if best
            else "nothing that the range added is like it"
        )
        similarity = best.similarity if best else 0.0
        standing = sorted(filter(self._subjects.stands, self._subjects.of_itself(deleted)))
        alone = [touch for touch in standing if not self._is_touched(touch)]
        doubt = self._doubt(gone, alone=bool(alone))
        if doubt and deleted.is_test:
            return Verdict(fate=Fate.UNCLEAR, similarity=similarity, evidence=doubt)
        if alone:
            evidence = f"No test touches {listed(alone)} any more; {nearest}."
        else:
            still = f", {listed(standing)} is still there," if standing else ""
            evidence = f"Its commit changed tests alone{still} and {nearest}."
        subject = next(iter([*alone, *standing]), "")
        return Verdict(fate=Fate.LOST, similarity=similarity, evidence=evidence, subject=subject)

    def _doubt(self, gone: Departure, *, alone: bool) -> str:
        """Why it cannot be told whether the behaviour is still there, or whether another test covers it."""
        deleted = gone.sketch
        if touches_removal(deleted, gone.dropped.subject):
            return f"Its commit says that something was removed, perhaps what it tested: “{gone.dropped.subject}”."
        if words := self._retirement.dropped_words(gone):
            return f"Its commit took {listed(words)} from the product, perhaps with what it tested."
        akin = gone.akin or (None if alone else self._namesake(deleted))
        if akin:
            where = f"`{akin.other.symbol}` in {akin.other.path}"
            return f"{where} may cover the same: its name is like it, its body is not."
        if gone.newcomers:
            return f"Its commit added {listed(gone.newcomers)} to the same file, which may cover the same."
        if gone.arrivals.new:
            return f"Its commit added tests, too ({gone.arrivals.new:,}), which may cover the same in another way."
        if gone.helpers_moved:
            return (
                f"Its commit moved {listed(gone.helpers_moved)}, which it used, perhaps to tests of the same."
            )
        if not alone and not gone.only_tests:
            return "Its commit changed the product too, and whether what it tested is still there cannot be told."
        return ""

    def _is_touched(self, touch: str) -> bool:
        """Whether a surviving test touches it, under whichever name it is imported."""
        name = touch.rpartition(".")[2]
        if self._survivors.count(touch, 1):
            return True
        return bool(_LONG.search(name)) and (
            self._survivors.spell(name) or self._survivors.spell(f"{name}Factory")
        )

    def _namesake(self, deleted: Sketch) -> Likeness | None:
        """A survivor, of whichever age, that has most of its name, near it or about the same."""
        named = nearest(sorted(name_words(deleted.name)), self._by_word, _COMMON_WORD)
        fitting = [
            one
            for one in (
                compare(deleted, other) for other in named if named_alike(deleted, other) >= _NAMED_ALIKE
            )
            if one.same_mood
            and (one.near >= _NEAR or one.shares_subject)
            and self._is_fit(deleted, one.other)
            and not self._subjects.are_of_others(deleted.path, one.other.path)
        ]
        return max(fitting, key=lambda one: (one.named_alike, one.similarity), default=None)

    def _rewritten(self, gone: Departure) -> Verdict | None:
        """By a test that its commit added under half of its name, or by one that has nearly all of its name."""
        akin, namesake = gone.akin, self._namesake(gone.sketch)
        if akin and akin.named_alike >= _HALVED:
            survivor = self.survivors.get((akin.other.path, akin.other.symbol))
        elif (
            namesake
            and namesake.named_alike >= _COVERED
            and len(name_words(gone.sketch.name)) >= _TELLING
            and not says_removal(gone.dropped.subject)
        ):
            survivor = namesake.other
        else:
            survivor = None
        if survivor is None or not self._is_fit(gone.sketch, survivor):
            return None
        heir = Heir(
            fate=Fate.REPLACED, successors=(survivor,), similarity=compare(gone.sketch, survivor).similarity
        )
        return tell(gone.sketch, heir, [survivor])

    @cached_property
    def _by_word(self) -> dict[str, list[Sketch]]:
        """Surviving tests by the words of their names."""
        found: dict[str, list[Sketch]] = defaultdict(list)
        for survivor in self.survivors.values():
            for word in name_words(survivor.name) if survivor.is_test else ():
                found[word].append(survivor)
        return found

    def _is_fit(self, deleted: Sketch, survivor: Sketch, *, same: bool = False) -> bool:
        return not self._unfit(survivor.path, survivor.symbol, deleted.path, same)

    def _unfit_only(self, deleted: Sketch, survivor: Sketch, similarity: float) -> Verdict | None:
        reason = self._unfit(survivor.path, survivor.symbol, deleted.path, False)  # noqa: FBT003
        if not reason:
            return None
        return Verdict(
            fate=Fate.LOST, successors=(place_of(survivor),), similarity=similarity,
            evidence=f"`{survivor.symbol}` is like it, but is no replacement: {reason}.",
        )  # fmt: skip


def _always_skipped(deleted: Sketch, survivor: Sketch) -> bool:
    """What runs no more now never did."""
    marks = set(deleted.passage.decorators.split()) & set(survivor.passage.decorators.split())
    return any("skip" in mark for mark in marks)


def _lives_on(deleted: Sketch, heirs: Iterable[Likeness], *, alone: bool) -> Verdict | None:
    """The same test elsewhere, brought there by another commit."""
    for one in heirs:
        fate = same_test(deleted, one, alone=alone)
        sure = fate is not Fate.RENAMED or one.similarity >= _ALIKE
        if fate is not None and sure and (one.same_routes or one.similarity >= _ALIKE):
            heir = Heir(fate=fate, successors=(one.other,), similarity=one.similarity)
            return tell(deleted, heir, [one.other])
    return None


def _named_alike(deleted: Sketch, fit: Iterable[Likeness]) -> Verdict | None:
    """A newer test whose name says the same, wherever it stands and however it is written."""
    if len(name_words(deleted.name)) < _TELLING:
        return None
    telling = [one for one in fit if one.named_alike >= _HALF_ALIKE and says_the_same(one)]
    best = max(telling, key=lambda one: (one.named_alike, one.similarity, one.near), default=None)
    if best is None:
        return None
    heir = Heir(fate=Fate.REPLACED, successors=(best.other,), similarity=best.similarity)
    return tell(deleted, heir, [best.other])


def _is_telling(one: Likeness, *, rare: bool) -> bool:
    """Touching the same things is not yet testing the same behaviour."""
    named = one.named_alike >= _NAMED_ALIKE and one.similarity >= _LITTLE
    written = rare and one.similarity >= _HALF_ALIKE
    return (named or written) and one.same_mood and one.same_routes
