"""From deletion to deletion: who took the place of whom, commit by commit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from greenroom.history.arrivals import Arrivals
from greenroom.history.kinship import Likeness
from greenroom.history.repository import Repository
from greenroom.history.sketch import Sketch, sketch_file
from greenroom.history.succession import Edit, Heir, find_heirs
from greenroom.history.vanished import Deed, Identity, Turnover
from greenroom.history.vocabulary import NOTHING, Vocabulary, dropped_texts
from greenroom.model.history import Fate

_ASIDE = (".", "docs/")
"""How paths begin that are no product: `.github/workflows/test.yml`."""
_Texts = Mapping[str, str]
_AT_ONCE = 20
"""Commits whose files are in memory together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A deleted test or helper as it was, and what its commit did beside."""

    sketch: Sketch
    heir: Heir | None
    """Who took its place in the same commit."""
    dropped: Vocabulary
    """What the commit took from the product."""
    rewritten: bool
    """Whether the commit added tests of similar names to the same file."""
    akin: Likeness | None
    """What the commit added that is most like it by name, in its folder or about the same."""
    newcomers: frozenset[str]
    """Tests that the commit added to its file, that continue no other and share a subject or a word of the name."""
    added: int
    """Tests that the commit added anywhere and that continue no other."""
    helpers_moved: frozenset[str]
    """Helpers that it used and that its commit took to another file, for the tests there."""
    only_tests: bool
    """Whether the commit changed no file of the product."""
    texts: frozenset[str]
    """What the test had in quotes and the commit took from the product, pages and scripts among it."""


def read_departures(repository: Repository, turnover: Turnover) -> dict[Identity, Departure]:
    """All deletions of the range with the bodies of that time; those that do not parse are left out."""
    found: dict[Identity, Departure] = {}
    for deed, texts in _with_texts(repository, turnover.deeds):
        found |= _depart(deed, texts, turnover)
    return found


def _with_texts(repository: Repository, deeds: Sequence[Deed]) -> Iterator[tuple[Deed, _Texts]]:
    """Each commit with all texts of the files that it touched; asking for some commits at once spares waiting."""
    with repository.reading() as read:
        for start in range(0, len(deeds), _AT_ONCE):
            some = deeds[start : start + _AT_ONCE]
            changes = [change for deed in some for change in (*deed.tests, *deed.around)]
            blobs = {blob for change in changes for blob in (change.before, change.after)} - {""}
            texts = {blob: content.decode("utf-8", "replace") for blob, content in read(blobs)}
            yield from ((deed, texts) for deed in some)


def _depart(deed: Deed, texts: _Texts, turnover: Turnover) -> dict[Identity, Departure]:
    gone = turnover.vanished
    removed: list[Sketch] = []
    added: list[Sketch] = []
    edits: list[Edit] = []
    for change in deed.tests:
        before = {one.symbol: one for one in sketch_file(change.path, texts.get(change.before, ""))}
        after = {one.symbol: one for one in sketch_file(change.path, texts.get(change.after, ""))}
        removed += [
            one
            for symbol, one in before.items()
            if (change.path, symbol) in gone and gone[change.path, symbol].commit.id == deed.commit.id
        ]
        added += [one for symbol, one in after.items() if symbol not in before]
        edits += [
            Edit(before=before[symbol], after=one)
            for symbol, one in after.items()
            if symbol in before and before[symbol].passage.text != one.passage.text
        ]
    heirs = find_heirs(removed, added, edits)
    # What stood in a file that Python could not read never was a test.
    removed = [one for one in removed if one in heirs or one.is_valid]
    moved = {one.name for one, heir in heirs.items() if not one.is_test and heir.fate is Fate.MOVED}
    taken = {successor for heir in heirs.values() for successor in heir.successors}
    arrivals = Arrivals(added, taken)
    alone = any(one.is_test and _is_open(heirs.get(one)) for one in removed)
    dropped = Vocabulary.dropped(deed.product, texts, deed.commit.subject) if alone else NOTHING
    return {
        (one.path, one.symbol): Departure(
            sketch=one, heir=heirs.get(one), dropped=dropped, rewritten=arrivals.rewrite(one), akin=arrivals.akin(one), helpers_moved=frozenset(moved & one.calls),
            added=arrivals.new, newcomers=arrivals.newcomers(one),
            only_tests=all(change.path.startswith(_ASIDE) for change in deed.around),
            texts=dropped_texts(one.texts, deed.around, texts) if _is_open(heirs.get(one)) else frozenset(),
        )
        for one in removed
    }  # fmt: skip


def _is_open(heir: Heir | None) -> bool:
    return heir is None or heir.fate is Fate.REPLACED
