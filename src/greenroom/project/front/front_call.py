"""A request that the front end makes, or a double of one in its tests."""

from typing import NamedTuple

from greenroom.project.front.address import Address


class FrontCall(NamedTuple):
    """One request, seen from where its address is written."""

    role: str
    """product · test · mock (answers in place of the back end)"""
    kind: str
    """http · socket · stream"""
    method: str
    """Empty where it is not known."""
    addresses: tuple[Address, ...]
    """Any one of them."""
    path: str
    """The file."""
    line: int
    column: int
    symbol: str
    sent: tuple[str, ...] | None
    """Names of the fields of its body; None where they are not all written."""
    sent_type: tuple[str, str]
    """File and type of the parameter that it sends as its body; empty where it sends anything else."""
    expected: str
    """The type that its answer is given, as it is spelled there."""
    known: bool
    """False where it is taken for a request by its name alone."""
    is_bare: bool
    """Nothing but its address is given where it is made: it has no body."""
