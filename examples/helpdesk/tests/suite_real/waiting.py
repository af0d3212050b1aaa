"""Waiting for what will be so, as short as possible; ports that are free."""

import socket
import ssl
import time
from collections.abc import Callable

START_SECONDS = 30.0
STOP_SECONDS = 10.0
CERTIFICATES = ssl.create_default_context()
"""For all clients of the tests: each that loads its own takes longer than most tests."""
_LOOK = 0.01


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(is_so: Callable[[], bool], what: str, seconds: float) -> None:
    """Return when it is so; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:.0f} seconds")
        time.sleep(_LOOK)
