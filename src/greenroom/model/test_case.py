"""A test as the suite's own runner would see it."""

from dataclasses import dataclass

from greenroom.model.interface import Interface
from greenroom.model.place import Place

__all__ = ["Interface", "TestCase"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCase:
    """One test function, with its parametrisations as one."""

    __test__ = False

    id: str
    """pytest's node id without parameters: `tests/test_a.py::TestB::test_c`."""
    path: str
    line: int
    symbol: str
    is_async: bool
    interface: Interface
    collected: bool
    """The effective configuration and the documented command collect it."""
    runs: bool
    """Its body would execute: collected, awaited, not skipped always."""
    reasons: tuple[str, ...] = ()
    """Why not collected, not run, or this interface."""
    evidence: tuple[Place, ...] = ()
    """The lines that decide the interface."""
    observed: bool = False
    """Whether a recorded run says so; else it was read."""
