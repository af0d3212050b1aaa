"""A fate with its reason, in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from greenroom.history.sketch import Sketch
from greenroom.history.succession import Heir
from greenroom.model.history import Fate
from greenroom.model.place import Place

_SAME = 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A fate with its reason."""

    fate: Fate
    evidence: str
    successors: tuple[Place, ...] = ()
    similarity: float = 0.0
    subject: str = ""
    """For LOST: what it tested and is still there."""


def tell(deleted: Sketch, heir: Heir, living: Iterable[Sketch]) -> Verdict:
    """The fate of one who lives on, in words."""
    living = list(living)
    first = living[0]
    where = f" in {first.path}" if first.path != deleted.path else ""
    fate = heir.fate if heir.fate is not Fate.SPLIT or len(living) > 1 else Fate.MERGED
    same = "the same body" if heir.similarity >= _SAME else f"{heir.similarity:.0%} of the body in common"
    names = ", ".join(f"`{one.symbol}`" for one in living)
    evidence = {
        Fate.MERGED: f"{heir.similarity:.0%} of its body is part of `{first.symbol}`{where}.",
        Fate.SPLIT: f"{heir.similarity:.0%} of its body is in {names}.",
        Fate.REPLACED: f"`{first.symbol}`{where} is named alike, and was written anew.",
    }.get(fate, f"It is `{first.symbol}`{where} now: {same}.")
    return Verdict(
        fate=fate,
        evidence=evidence,
        successors=tuple(place_of(one) for one in living),
        similarity=heir.similarity,
    )


def place_of(sketch: Sketch) -> Place:
    """Where it stands."""
    return Place(path=sketch.path, line=sketch.line, symbol=sketch.symbol)


def listed(names: Iterable[str]) -> str:
    """The first three, and how many more."""
    ordered = sorted(names)
    more = f" and {len(ordered) - 3} more" if len(ordered) > 3 else ""
    return ", ".join(f"`{name}`" for name in ordered[:3]) + more
