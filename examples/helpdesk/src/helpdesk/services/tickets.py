"""Tickets: create, read, change."""

import asyncio
from collections.abc import Iterable

from sqlalchemy import func, select

from helpdesk.cache import Cache
from helpdesk.database import Sessions
from helpdesk.errors import NotFound
from helpdesk.schemas import Status, TicketDraft, TicketView
from helpdesk.services.feed import Feed
from helpdesk.services.priorities import label
from helpdesk.tables import Ticket
from helpdesk.workers.courier import Courier


class TicketDesk:
    """Everything that can be done with tickets."""

    def __init__(self, sessions: Sessions, cache: Cache, feed: Feed, courier: Courier) -> None:
        self._sessions = sessions
        self._cache = cache
        self._feed = feed
        self._courier = courier

    async def create(self, draft: TicketDraft) -> TicketView:
        """Store a new ticket, and announce it."""
        ticket = Ticket(**draft.model_dump(), priority=label(f"{draft.subject} {draft.body}"))
        async with self._sessions() as session:
            session.add(ticket)
            await session.commit()
        view = TicketView.model_validate(ticket)
        asyncio.create_task(self._announce(view))
        return view

    async def read(self, ticket_id: int) -> TicketView:
        """One ticket, from the cache if it is there."""
        cached = await self._cache.get(f"ticket:{ticket_id}")
        if cached is not None:
            return TicketView.model_validate_json(cached)
        async with self._sessions() as session:
            ticket = await session.get(Ticket, ticket_id)
        if ticket is None:
            raise NotFound(f"there is no ticket {ticket_id}")
        view = TicketView.model_validate(ticket)
        await self._cache.put(f"ticket:{ticket_id}", view.model_dump_json())
        return view

    async def browse(self, sort: str, limit: int) -> list[TicketView]:
        """The first tickets in the order of a column."""
        query = select(Ticket).order_by(getattr(Ticket, sort)).limit(limit)
        async with self._sessions() as session:
            tickets = await session.scalars(query)
            return [TicketView.model_validate(ticket) for ticket in tickets]

    async def count(self) -> dict[str, int]:
        """How many tickets have which status?"""
        query = select(Ticket.status, func.count()).group_by(Ticket.status)
        async with self._sessions() as session:
            rows = await session.execute(query)
            return {status: number for status, number in rows}

    async def change_status(self, ticket_id: int, status: Status) -> TicketView:
        """Give a ticket another status."""
        async with self._sessions() as session:
            ticket = await session.get(Ticket, ticket_id)
            if ticket is None:
                raise NotFound(f"there is no ticket {ticket_id}")
            ticket.status = status
            await session.commit()
        self._cache.drop(f"ticket:{ticket_id}")
        return TicketView.model_validate(ticket)

    async def close_all(self, ticket_ids: Iterable[int]) -> int:
        """Close several tickets; returns how many."""
        # greenroom: accept[A4] all at once is the fault: see POL002
        closed = await asyncio.gather(*(self.change_status(each, "closed") for each in ticket_ids))
        return len(closed)

    async def delete(self, ticket_id: int) -> None:
        """Remove a ticket for good."""
        async with self._sessions() as session:
            ticket = await session.get(Ticket, ticket_id)
            if ticket is None:
                raise NotFound(f"there is no ticket {ticket_id}")
            await session.delete(ticket)
            await session.commit()
        await self._cache.drop(f"ticket:{ticket_id}")

    async def _announce(self, ticket: TicketView) -> None:
        self._courier.offer("ticket-created", ticket)
        await self._feed.publish(ticket.model_dump_json())
