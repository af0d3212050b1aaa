"""From deletion to deletion: who took the place of whom, commit by commit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

from greenroom.history.arrivals import Arrivals
from greenroom.history.kinship import Likeness
from greenroom.history.repository import Change, Repository
from greenroom.history.sketch import Sketch, TestFile
from greenroom.history.subject import Subjects
from greenroom.history.succession import Edit, Heir, edited, find_heirs
from greenroom.history.vanished import Deed, Identity, Turnover
from greenroom.history.vocabulary import NOTHING, Vocabulary, dropped_texts
from greenroom.model.history import Fate

_ASIDE = (".", "docs/")
"""How paths begin that are no product: `.github/workflows/test.yml`."""
_Texts = Mapping[str, str]
_AT_ONCE = 500
"""Files that are in memory together, as a rule."""


@dataclass(frozen=True, kw_only=True)
class Departure:
    """A deleted test or helper as it was, and what its commit did beside."""

    sketch: Sketch
    heir: Heir | None
    """Who took its place in the same commit."""
    arrivals: Arrivals
    """The tests that the commit added."""
    dropped: Vocabulary
    """What the commit took from the product."""
    helpers_moved: frozenset[str]
    """Helpers that it used and that its commit took to another file, for the tests there."""
    only_tests: bool
    """Whether the commit changed no file of the product."""
    texts: frozenset[str]
    """What the test had in quotes and the commit took from the product, pages and scripts among it."""

    @cached_property
    def rewritten(self) -> bool:
        """Whether the commit added tests of similar names to the same file."""
        return self.arrivals.rewrite(self.sketch)

    @cached_property
    def akin(self) -> Likeness | None:
        """What the commit added that is most like it by name, in its folder or about the same."""
        return self.arrivals.akin(self.sketch)

    @cached_property
    def newcomers(self) -> frozenset[str]:
        """Tests that the commit added to its file, that continue no other and share a subject or a word of the name."""
        return self.arrivals.newcomers(self.sketch)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parting:
    """What one commit did to tests."""

    deed: Deed
    removed: tuple[Sketch, ...]
    heirs: Mapping[Sketch, Heir]
    arrivals: Arrivals

    @property
    def open(self) -> list[Sketch]:
        """The tests that live on in none that the commit left."""
        return [
            one
            for one in self.removed
            if one.is_test and ((heir := self.heirs.get(one)) is None or heir.fate is Fate.REPLACED)
        ]


def read_departures(
    repository: Repository, turnover: Turnover, subjects: Subjects
) -> dict[Identity, Departure]:
    """All deletions of the range with the bodies of that time; those that do not parse are left out."""
    deeds = turnover.deeds
    read = _read_in_turn(repository, [deed.tests for deed in deeds])
    partings = [_part(deed, texts, turnover) for deed, texts in zip(deeds, read, strict=True)]
    # What became of the product is asked for those alone that live on nowhere.
    read = _read_in_turn(repository, [one.deed.around if one.open else () for one in partings])
    return {
        (gone.sketch.path, gone.sketch.symbol): gone
        for parting, texts in zip(partings, read, strict=True)
        for gone in _depart(parting, texts, subjects)
    }


def _read_in_turn(repository: Repository, several: Sequence[Sequence[Change]]) -> Iterator[_Texts]:
    """The texts of each of several sets of changes, before and after; many are asked for at once."""
    waiting = 0
    wanted: set[str] = set()
    for changes in several:
        wanted.update(blob for change in changes for blob in (change.before, change.after))
        waiting += 1
        if len(wanted) >= _AT_ONCE:
            yield from repeat(dict(repository.texts(wanted - {""})), waiting)
            waiting = 0
            wanted.clear()
    yield from repeat(dict(repository.texts(wanted - {""})), waiting)


def _part(deed: Deed, texts: _Texts, turnover: Turnover) -> _Parting:
    removed: list[Sketch] = []
    added: list[Sketch] = []
    edits: list[Edit] = []
    for change in deed.tests:
        before, after = (TestFile(change.path, texts.get(blob, "")) for blob in (change.before, change.after))
        had, has = before.sketches, after.sketches
        removed += [
            one
            for symbol, one in had.items()
            if (gone := turnover.vanished.get((change.path, symbol))) and gone.commit.id == deed.commit.id
        ]
        added += [one for symbol, one in has.items() if symbol not in had]
        edits += edited(before, after)
    heirs = find_heirs(removed, added, edits)
    # What stood in a file that Python could not read never was a test.
    removed = [one for one in removed if one in heirs or one.is_valid]
    taken = {successor for heir in heirs.values() for successor in heir.successors}
    return _Parting(deed=deed, removed=tuple(removed), heirs=heirs, arrivals=Arrivals(added, taken))


def _depart(parting: _Parting, texts: _Texts, subjects: Subjects) -> Iterator[Departure]:
    deed, heirs = parting.deed, parting.heirs
    open_ones = set(parting.open)
    only_tests = all(change.path.startswith(_ASIDE) for change in deed.around)
    moved = {one.name for one, heir in heirs.items() if not one.is_test and heir.fate is Fate.MOVED}
    words = {word for one in open_ones for word in one.telling_words if not subjects.knows(word)}
    dropped = Vocabulary.dropped(deed.product, texts, deed.commit.subject, words) if open_ones else NOTHING
    quoted = dropped_texts({text for one in open_ones for text in one.texts}, deed.around, texts)
    for one in parting.removed:
        yield Departure(
            sketch=one, heir=heirs.get(one), arrivals=parting.arrivals, dropped=dropped,
            helpers_moved=frozenset(moved & one.calls) if moved else frozenset(), only_tests=only_tests,
            texts=one.texts & quoted if quoted and one in open_ones else frozenset(),
        )  # fmt: skip
