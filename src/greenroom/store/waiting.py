"""Says what is waited for where somebody else holds the store."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Timer
from typing import Final

from greenroom.store.location import StoreLocation

_QUIET: Final = 1.0
"""Seconds that nobody is told of."""
_LOG: Final = logging.getLogger(__name__)
"""Warnings go to stderr, unless who uses the library has them go elsewhere."""


@contextmanager
def told_while_waiting(location: StoreLocation, patience: timedelta) -> Iterator[None]:
    """Warn once if what is done inside, which only takes a lock, takes over a second."""
    message = "greenroom: waiting for the store %s: another process seems to be writing to it. It is waited for %.0f s at most."
    timer = Timer(_QUIET, _LOG.warning, (message, location, patience.total_seconds()))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
