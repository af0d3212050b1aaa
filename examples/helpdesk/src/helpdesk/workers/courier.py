"""Delivers events to other systems, one after the other."""

import asyncio
import logging
import time

from helpdesk.errors import Busy
from helpdesk.schemas import TicketView
from helpdesk.services.webhooks import Webhooks

logger = logging.getLogger(__name__)


class Throttle:
    """At most so many per second: the receivers are small."""

    def __init__(self, per_second: float = 5.0) -> None:
        self._pause = 1 / per_second
        self._last = 0.0

    def wait(self) -> None:
        """Return when the next one may go."""
        rest = self._last + self._pause - time.monotonic()
        if rest > 0:
            time.sleep(rest)
        self._last = time.monotonic()


class Courier:
    """A bounded queue, and the task that empties it."""

    def __init__(self, webhooks: Webhooks, throttle: Throttle) -> None:
        self._webhooks = webhooks
        self._throttle = throttle
        self._events: asyncio.Queue[tuple[str, TicketView]] = asyncio.Queue(maxsize=1_000)
        self._stopping = asyncio.Event()

    def offer(self, event: str, ticket: TicketView) -> None:
        """Take an event; raises Busy when the queue is full."""
        try:
            self._events.put_nowait((event, ticket))
        except asyncio.QueueFull as error:
            raise Busy("too many events are waiting") from error

    def stop(self) -> None:
        """Finish the delivery at hand, and no other."""
        self._stopping.set()

    async def run(self) -> None:
        """Deliver until somebody says stop."""
        while not self._stopping.is_set():
            try:
                await self._deliver_next()
            except asyncio.CancelledError:
                logger.info("cancelled between two deliveries")

    async def _deliver_next(self) -> None:
        try:
            event, ticket = await asyncio.wait_for(self._events.get(), timeout=0.5)
        except TimeoutError:
            return
        self._throttle.wait()
        await self._webhooks.notify(event, ticket)
