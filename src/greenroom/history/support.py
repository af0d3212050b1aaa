"""Deleted helpers that live on nowhere: whether anybody misses them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from greenroom.history.sketch import Sketch
from greenroom.model.history import Deletion, Fate
from greenroom.model.place import Place


def settle_helpers(
    judged: Iterable[tuple[Sketch, Deletion]], survivors: Iterable[Sketch]
) -> Iterator[Deletion]:
    """A helper is lost where most of its deleted users are, or where surviving tests need it; otherwise retired."""
    judged = list(judged)
    users = _Users(judged, survivors)
    for sketch, deletion in judged:
        open_case = not deletion.is_test and deletion.fate is Fate.LOST and not deletion.successors
        yield users.settle(sketch, deletion) if open_case else deletion


class _Users:
    """Who names which helper."""

    def __init__(self, judged: Iterable[tuple[Sketch, Deletion]], survivors: Iterable[Sketch]) -> None:
        judged = list(judged)
        wanted = {sketch.name for sketch, deletion in judged if not deletion.is_test}
        self._deleted: dict[str, list[bool]] = defaultdict(list)
        for sketch, deletion in judged:
            if deletion.is_test:
                for name in wanted & sketch.calls:
                    self._deleted[name].append(deletion.fate is Fate.LOST)
        self._living: dict[str, list[Sketch]] = defaultdict(list)
        self._helpers: dict[str, list[Sketch]] = defaultdict(list)
        for survivor in survivors if wanted else ():
            if not survivor.is_test:
                self._helpers[survivor.name].append(survivor)
            for name in wanted & survivor.calls:
                if survivor.needs(name):
                    self._living[name].append(survivor)

    def settle(self, sketch: Sketch, deletion: Deletion) -> Deletion:
        """Say whether anybody misses it."""
        other = next((one for one in self._helpers[sketch.name] if _reaches(one.path, sketch.path)), None)
        if other is not None:
            return _replaced(deletion, other)
        lost = self._deleted[sketch.name]
        if sum(lost) * 2 > len(lost):
            return replace(deletion, evidence="Tests that are lost used it, and nothing newer is like it.")
        user = next((one for one in self._living[sketch.name] if _reaches(sketch.path, one.path)), None)
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
