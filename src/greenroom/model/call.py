"""A request that the front end makes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, and what becomes of it."""

    kind: str
    """http · socket · stream"""
    method: str
    """Empty where it is not known."""
    base: str
    """Whose server: empty for the page's own; names of variables where it is not known."""
    path: str
    """Unknown parts as `{name}`."""
    file: str
    line: int
    symbol: str
    status: str
    """served · method (its path is served by other methods) · missing · elsewhere (not on our servers)"""
    routes: tuple[str, ...] = ()
    """Those that serve it, as `GET /orders/{id}`."""
