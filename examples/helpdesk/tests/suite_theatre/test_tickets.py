"""The ticket desk."""

from unittest.mock import AsyncMock, MagicMock

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from helpdesk.dependencies import get_desk
from helpdesk.schemas import TicketView
from helpdesk.services.digest import Digest
from helpdesk.services.tickets import TicketDesk


class FakeCache:
    """A cache that is always up."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.entries.get(key)

    async def put(self, key: str, text: str) -> None:
        self.entries[key] = text


class FakeOutbox:
    """An outbox that takes everything."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    async def send_many(self, messages: list[str]) -> int:
        self.messages += messages
        return len(messages)


def desk_with(cache: object, sessions: object) -> TicketDesk:
    """A desk on doubles."""
    return TicketDesk(sessions, cache, AsyncMock(), MagicMock())


@pytest.mark.asyncio
async def test_ticket_comes_from_the_cache(ticket: TicketView):
    cache = FakeCache()
    cache.entries["ticket:7"] = ticket.model_dump_json()
    assert await desk_with(cache, MagicMock()).read(7) == ticket


@pytest.mark.asyncio
async def test_ticket_comes_from_the_database(ticket: TicketView):
    cache, sessions = FakeCache(), MagicMock()
    session = sessions.return_value.__aenter__.return_value
    session.get = AsyncMock(return_value=ticket)
    assert (await desk_with(cache, sessions).read(7)).subject == "Printer"
    assert "ticket:7" in cache.entries


@pytest.mark.asyncio
async def test_deleted_ticket_leaves_the_cache(ticket: TicketView):
    cache, sessions = AsyncMock(), MagicMock()
    session = sessions.return_value.__aenter__.return_value
    session.get, session.delete, session.commit = AsyncMock(), AsyncMock(), AsyncMock()
    await desk_with(cache, sessions).delete(7)
    cache.drop.assert_awaited_once_with("ticket:7")


def test_ticket_over_http(app: FastAPI, client: TestClient, ticket: TicketView):
    desk = AsyncMock()
    desk.read.return_value = ticket
    app.dependency_overrides[get_desk] = lambda: desk
    assert client.get("/api/tickets/7").json()["subject"] == "Printer"


@pytest.mark.asyncio
async def test_digest_counts_its_lines(ticket: TicketView):
    outbox = FakeOutbox()
    assert await Digest(outbox).send([ticket]) == 1
    assert outbox.messages == ["#7 Printer"]
