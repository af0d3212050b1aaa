"""The daily mail to the leads."""

from collections.abc import Iterable
from typing import Protocol

from helpdesk.schemas import TicketView


class Outbox(Protocol):
    """Something that takes many messages at once."""

    async def send_many(self, messages: list[str]) -> int:
        """Send all of them; returns how many went out."""
        ...


class Digest:
    """One line per open ticket."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def send(self, tickets: Iterable[TicketView]) -> int:
        """Send the digest; returns the number of lines."""
        lines = [f"#{ticket.id} {ticket.subject}" for ticket in tickets if ticket.status == "open"]
        return await self._outbox.send_many(lines)
