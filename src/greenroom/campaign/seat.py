"""Numbers that no two workers on one machine have at the same time, whichever campaigns they belong to."""

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count

_PAUSE = 0.2
"""Seconds."""


class Seat:
    """A number; free for others when this is closed, or its process is gone. Nothing of it lies on any disk."""

    def __init__(self, number: int, own: socket.socket) -> None:
        self.number = number
        self.close: Callable[[], None] = own.close


def take_seat() -> Seat:
    """The lowest number that is free."""
    return next(seat for seat in map(_take, count()) if seat is not None)


def take_first_seat() -> Seat:
    """The first number; waits until it is free: for tests that disturb one another."""
    while (seat := _take(0)) is None:
        time.sleep(_PAUSE)
    return seat


def _take(number: int) -> Seat | None:
    own = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with suppress(OSError):
        own.bind(f"\0greenroom-seat-{os.getuid()}-{number}")
        return Seat(number, own)
    own.close()
    return None
