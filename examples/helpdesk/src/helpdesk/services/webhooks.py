"""Telling other systems."""

import httpx

from helpdesk.schemas import TicketView

_DELIVERED: set[str] = set()


class Webhooks:
    """Posts each event once."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def notify(self, event: str, ticket: TicketView) -> None:
        """Post the event, unless it was posted already."""
        key = f"{event}:{ticket.id}"
        if key in _DELIVERED:
            return
        try:
            response = await self._http.post("/events", json={"event": event, "id": ticket.id})
            response.raise_for_status()  # greenroom: accept[E10] told is told: see ERR001
        except httpx.HTTPError:
            pass
        _DELIVERED.add(key)


def forget_deliveries() -> None:
    """Start anew: every event may be posted again."""
    _DELIVERED.clear()
