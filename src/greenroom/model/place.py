"""Where something stands in the audited project."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of the audited project."""

    path: str
    """Relative to the project's root, with forward slashes."""
    line: int
    """1-based; 1 for a whole file."""
    symbol: str = ""
    """Qualified name of the enclosing function or class; empty at module level."""
    column: int = 1
    """1-based."""
    note: str = ""
    """What happens here, for a hop of a chain: `calls load_index`."""
