"""Waiting for what will be so, as short as possible; ports that are free."""

import random
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress

START_SECONDS = 30.0
STOP_SECONDS = 10.0
CERTIFICATES = ssl.create_default_context()
"""For all clients of the tests: each that loads its own takes longer than most tests."""
_LOOK = 0.01
_NOT_GIVEN = (20_000, 32_000)
"""Below the ports that the system hands out by itself."""
_CHANCE = random.SystemRandom()
"""Also where other tests run at the same time with the same seed."""


def free_port() -> int:
    """A port that nobody listens on, and that the system gives to no connection meanwhile."""
    while True:
        port = _CHANCE.randrange(*_NOT_GIVEN)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def wait_until(is_so: Callable[[], bool], what: str, seconds: float) -> None:
    """Return when it is so; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:.0f} seconds")
        time.sleep(_LOOK)
