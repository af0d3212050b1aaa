"""From deletion to deletion: who took the place of whom, commit by commit."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from greenroom.history.kinship import compare
from greenroom.history.repository import Repository
from greenroom.history.sketch import Sketch, sketch_file
from greenroom.history.succession import Edit, Heir, find_heirs
from greenroom.history.vanished import Deed, Identity, Turnover
from greenroom.history.vocabulary import NOTHING, Vocabulary, dropped_texts
from greenroom.model.history import Fate

_Texts = Mapping[str, str]
_ALIKE = 0.2
"""Likeness of names from which one of them may have been written for the other."""


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


def _with_texts(repository: Repository, deeds: Iterable[Deed]) -> Iterator[tuple[Deed, _Texts]]:
    """Each commit with all texts of the files that it touched, one commit at a time."""
    with repository.reading() as read:
        for deed in deeds:
            changes = (*deed.tests, *deed.around)
            blobs = {blob for change in changes for blob in (change.before, change.after)} - {""}
            yield deed, {blob: content.decode("utf-8", "replace") for blob, content in read(blobs)}


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
    alone = any(one.is_test and _is_open(heirs.get(one)) for one in removed)
    dropped = Vocabulary.dropped(deed.product, texts, deed.commit.subject) if alone else NOTHING
    return {
        (one.path, one.symbol): Departure(
            sketch=one, heir=heirs.get(one), dropped=dropped, rewritten=_is_rewritten(one, added), only_tests=not deed.around,
            texts=dropped_texts(one.texts, deed.around, texts) if _is_open(heirs.get(one)) else frozenset(),
        )
        for one in removed
    }  # fmt: skip


def _is_open(heir: Heir | None) -> bool:
    return heir is None or heir.fate is Fate.REPLACED


def _is_rewritten(one: Sketch, added: Iterable[Sketch]) -> bool:
    return any(
        other.is_test and other.path == one.path and compare(one, other).named_alike >= _ALIKE
        for other in added
    )
