"""A test as the suite's own runner would see it."""

from dataclasses import dataclass
from enum import StrEnum

from greenroom.model.place import Place


class Interface(StrEnum):
    """Over which interface a test meets the product; one label each."""

    REAL = "real"
    """A real interface: HTTP, WebSocket, browser, database, process."""
    IN_PROCESS = "in-process"
    """An ASGI or WSGI client in the same process."""
    DIRECT = "direct"
    """Calls production code."""
    MOCKED = "mocked"
    """Meets doubles only."""
    SELF = "self"
    """Tests its own code."""


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
