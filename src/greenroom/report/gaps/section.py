"""What a gap report is made of: titled sections of items, the same for every format."""

from dataclasses import dataclass

from greenroom.model.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One statement; what stands between backticks is code."""

    text: str
    label: str = ""
    """Set in front: `P0`, `mock overuse`."""
    place: Place | None = None
    """An example from the code."""
    source: str = ""
    """The line that stands there."""
    notes: tuple[str, ...] = ()
    """Further sentences, each on a line of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with its items; one without items says in its lead why there are none."""

    title: str
    lead: str
    items: tuple[Item, ...] = ()
