"""Whether a deleted test went with what it tested."""

from collections.abc import Collection
from math import ceil

from greenroom.history.lineage import Departure
from greenroom.history.sketch import Sketch
from greenroom.history.subject import Subjects
from greenroom.history.survivors import Survivors
from greenroom.history.verdict import Verdict, listed
from greenroom.history.vocabulary import Vocabulary, is_named_in_removal
from greenroom.model.history import Fate

_HALF_ALIKE = 0.45
_HEAVY = 2.0
"""How much a name weighs that the deleting commit itself took from the product, or whose module is gone."""
_SEVERAL = 2
"""Words of a test that its commit took from the product: one may have been a parameter."""
_ASSERTING = ("assert", "fail")
"""How the methods of `unittest` begin: not one is left where a project has moved to pytest."""
_DEAD = 0.6
"""Share of what it touched, weighted by rarity, that must be gone for its subject to be gone."""


class Retirement:
    """Knows the product, and the tests that survive."""

    def __init__(self, subjects: Subjects, survivors: Survivors) -> None:
        """Get ready.

        Args:
            subjects: the product.
            survivors: all tests and helpers at the end of the range.
        """
        self._subjects = subjects
        self._survivors = survivors

    def verdict(self, gone: Departure) -> Verdict | None:
        """Gone with what it tested."""
        deleted, dropped = gone.sketch, gone.dropped
        itself = self._subjects.of_itself(deleted)
        # What its helpers touch is its subject only where it touches nothing itself.
        dead = {touch for touch in itself or self._subjects.of(deleted) if not self._subjects.lives(touch)}
        dead |= self._dropped_names(deleted, dropped)
        dead.update(*map(dropped.modules_called, _namesakes(deleted.path)))
        words = self.dropped_words(gone)
        known_dead = frozenset(dead)
        dead |= self._strange(deleted)
        total = sum(self._weight(touch) for touch in dead) + bool(words)
        whole = bool(dropped.files & dead) or any(self._subjects.lost_module(touch) for touch in dead)
        akin = gone.akin.named_alike if gone.akin else 0.0
        if len(words) >= _SEVERAL and akin < _HALF_ALIKE:
            evidence = f"Its commit took {listed(words)} from the product, which it used."
            return Verdict(fate=Fate.RETIRED, evidence=evidence)
        if gone.rewritten and not whole and (akin >= _HALF_ALIKE or not words & dropped.names.keys()):
            return None
        touched = itself or (frozenset() if words or known_dead else self._subjects.of(deleted))
        moved = len(dropped.moved & deleted.calls)
        if total and self._outweighs(total, touched - known_dead, moved):
            return Verdict(
                fate=Fate.RETIRED, evidence=f"What it tested is gone too: {listed(dead or words)}."
            )
        if cut := self._cut(gone):
            evidence = f"Its commit took code away from {listed(cut)}, which it tested, and added none."
            return Verdict(fate=Fate.RETIRED, evidence=evidence)
        if is_named_in_removal(deleted, dropped.subject):
            evidence = f"Its commit says that what it tested was removed: “{dropped.subject}”."
            return Verdict(fate=Fate.RETIRED, evidence=evidence)
        return None

    def _outweighs(self, dead: float, touched: Collection[str], moved: int) -> bool:
        """Whether what is gone is most of what it touched; of what is still there, rare names weigh more."""
        most = dead * (1 - _DEAD) / _DEAD - moved
        if most <= 0 or not touched:
            return dead >= _DEAD * (dead + moved + sum(map(self._rarity, touched)))
        # What that many tests touch weighs so little that it need not be known how many more there are.
        enough = ceil(len(touched) / most)
        living = moved + sum(1 / (1 + self._survivors.count(touch, enough)) for touch in touched)
        return dead >= _DEAD * (dead + living) or dead >= _DEAD * (
            dead + moved + sum(map(self._rarity, touched))
        )

    def _rarity(self, touch: str) -> float:
        return 1 / (1 + len(self._survivors.touching(touch)))

    def _cut(self, gone: Departure) -> set[str]:
        """Modules that it tests and that its commit made shorter; empty where it brought tests, too."""
        if gone.akin or gone.newcomers:
            return set()
        deleted = gone.sketch
        return {
            path
            for path in gone.dropped.shortened
            if self._subjects.touches_module(deleted, path)
            or path.rpartition("/")[2] in _namesakes(deleted.path)
        }

    def dropped_words(self, gone: Departure) -> frozenset[str]:
        """Words of its body that its commit took from the product, which has them nowhere any more."""
        return (gone.dropped.words & gone.sketch.telling_words) | gone.texts

    def _strange(self, deleted: Sketch) -> set[str]:
        """Names that it calls on objects and that stand nowhere any more, neither in the product nor in tests."""
        return {
            name
            for name in deleted.methods
            if not name.startswith(_ASSERTING)
            and not self._subjects.knows(name)
            and not self._survivors.spell(name)
        }

    def _weight(self, touch: str) -> float:
        """A name that no module has any more may be another's of the same name; a module cannot."""
        known = "." in touch and not self._subjects.lost_module(touch)
        return self._rarity(touch) if known else _HEAVY

    def _dropped_names(self, deleted: Sketch, dropped: Vocabulary) -> set[str]:
        """What it uses that its commit took from the product, and that stands nowhere else."""
        members = {".".join(touch.split(".")[-2:]) for touch in deleted.touches_itself}
        # What went and came back is there.
        standing = {
            touch.rpartition(".")[2]
            for touch in self._subjects.of_itself(deleted)
            if self._subjects.stands(touch)
        }
        return (members & dropped.members) | {
            name
            for name in (dropped.names.keys() & deleted.calls) - standing
            if self._subjects.touches_module(deleted, dropped.names[name]) or not self._subjects.defines(name)
        }


def _namesakes(test: str) -> frozenset[str]:
    """How modules are called that a test file has its name of: `ftx.py` for `test_ftx.py`."""
    stem = test.rpartition("/")[2].removesuffix(".py")
    tested = {stem.removeprefix("test_"), stem.removesuffix("_test"), stem.removesuffix("_tests")}
    return frozenset(f"{name}.py" for name in tested - {stem, "__init__"})
