"""Deleted helpers that live on nowhere: whether anybody misses them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from greenroom.history.sketch import Sketch
from greenroom.history.survivors import Survivors
from greenroom.model.history import Deletion, Fate
from greenroom.model.place import Place


def settle_helpers(judged: Iterable[tuple[Sketch, Deletion]], survivors: Survivors) -> Iterator[Deletion]:
    """A helper is lost where most of its deleted users are, or where surviving tests need it; otherwise retired."""
    judged = list(judged)
    users = _Users(judged, survivors)
    for sketch, deletion in judged:
        yield users.settle(sketch, deletion) if _is_open(deletion) else deletion


def _is_open(deletion: Deletion) -> bool:
    return not deletion.is_test and deletion.fate is Fate.LOST and not deletion.successors


class _Users:
    """Who names which helper."""

    def __init__(self, judged: Iterable[tuple[Sketch, Deletion]], survivors: Survivors) -> None:
        judged = list(judged)
        self._survivors = survivors
        wanted = {sketch.name for sketch, deletion in judged if _is_open(deletion)}
        self._deleted: dict[str, list[bool]] = defaultdict(list)
        self._helpers: dict[str, list[Sketch]] = defaultdict(list)
        if not wanted:
            return
        for sketch, deletion in judged:
            if deletion.is_test:
                for name in wanted & sketch.calls:
                    self._deleted[name].append(deletion.fate is Fate.LOST)
        for survivor in survivors.sketches.values():
            if not survivor.is_test:
                self._helpers[survivor.name].append(survivor)

    def settle(self, sketch: Sketch, deletion: Deletion) -> Deletion:
        """Say whether anybody misses it."""
        other = next((one for one in self._helpers[sketch.name] if _reaches(one.path, sketch.path)), None)
        if other is not None:
            return _replaced(deletion, other)
        lost = self._deleted[sketch.name]
        if sum(lost) * 2 > len(lost):
            return replace(deletion, evidence="Tests that are lost used it, and nothing newer is like it.")
        users = (one for one in self._survivors.naming(sketch.name) if one.needs(sketch.name))
        user = next((one for one in users if _reaches(sketch.path, one.path)), None)
        if user is not None:
            evidence = f"`{user.symbol}` in {user.path} names it, and nothing defines it any more."
            return replace(deletion, evidence=evidence)
        return replace(deletion, fate=Fate.RETIRED, evidence="No test that survives or was lost needs it.")


def _reaches(helper: str, user: str) -> bool:
    """Whether a helper's file serves tests of another: its own, or a `conftest.py` for all below."""
    folder, _, file = helper.rpartition("/")
    return helper == user or (file == "conftest.py" and (not folder or user.startswith(folder + "/")))


def _replaced(deletion: Deletion, helper: Sketch) -> Deletion:
    return replace(
        deletion, fate=Fate.REPLACED, evidence=f"{helper.path} defines a `{helper.name}` of its own.",
        successors=(Place(path=helper.path, line=helper.line, symbol=helper.symbol),),
    )  # fmt: skip
