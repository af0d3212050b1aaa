"""How users come in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path that the application serves."""

    method: str
    """`GET`, …; `WEBSOCKET` for a socket; `*` for every method."""
    path: str
    """With all prefixes that the code shows; parameters as the framework spells them."""
    application: str
    """Dotted name of the application object or factory; empty where it is not known."""
    file: str
    line: int
    symbol: str
    """Qualified name of the handler."""
    certain: bool = True
    """False where a prefix or a mount could not be resolved."""
