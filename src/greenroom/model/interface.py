"""Over which interface a test meets the product."""

from enum import StrEnum


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
