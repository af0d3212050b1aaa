"""Deleted helpers that live on nowhere: whether anybody misses them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from greenroom.history.kinship import Kin
from greenroom.history.sketch import Sketch
from greenroom.model.history import Deletion, Fate
from greenroom.model.place import Place


def settle_helpers(judged: Iterable[tuple[Sketch, Deletion]], kin: Kin) -> Iterator[Deletion]:
    """A helper is lost where lost tests needed it or surviving ones still do; otherwise it was retired."""
    judged = list(judged)
    lost_words = {
        word
        for sketch, deletion in judged
        if deletion.is_test and deletion.fate is Fate.LOST
        for word in sketch.words
    }
    living_words = {word for survivor in kin.survivors for word in survivor.words}
    helpers = {survivor.name: survivor for survivor in kin.survivors if not survivor.is_test}
    for sketch, deletion in judged:
        if deletion.is_test or deletion.fate is not Fate.LOST:
            yield deletion
        elif sketch.name in helpers:
            yield _replaced(deletion, helpers[sketch.name])
        elif sketch.name in lost_words:
            yield replace(
                deletion, evidence="Tests that are lost used it, and nothing that survives is like it."
            )
        elif sketch.name in living_words:
            yield replace(deletion, evidence="Tests that survive name it, and nothing defines it any more.")
        else:
            yield replace(deletion, fate=Fate.RETIRED, evidence="No test that survives or was lost uses it.")


def _replaced(deletion: Deletion, helper: Sketch) -> Deletion:
    return replace(
        deletion, fate=Fate.REPLACED, evidence=f"{helper.path} defines a `{helper.name}` of its own.",
        successors=(Place(path=helper.path, line=helper.line, symbol=helper.symbol),),
    )  # fmt: skip
