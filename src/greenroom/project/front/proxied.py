"""One rule of a proxy."""

from typing import NamedTuple


class Proxied(NamedTuple):
    """The beginning of paths that a proxy hands on, or answers from files of its own."""

    path: str
    is_taken_off: bool
    """The server behind gets the path without it."""
    instead: str = ""
    """What the server behind gets in its place."""
