"""What the assistant makes of a ticket: an answer, suggestions, a summary."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from helpdesk.assistant.prompts import conversation
from helpdesk.dependencies import AgentDep, DeskDep, ResourcesDep, limit_rate
from helpdesk.errors import HelpdeskError

router = APIRouter(prefix="/api/tickets", tags=["answers"], dependencies=[Depends(limit_rate)])

EVENTS = "text/event-stream"
SUGGESTION_SECONDS = 20

Pieces = AsyncGenerator[str, None]


def as_event(kind: str, text: str = "") -> str:
    """One server-sent event."""
    return f"event: {kind}\ndata: {json.dumps(text)}\n\n"


async def relay(pieces: Pieces) -> Pieces:
    """Each piece as an event; the last event says how it ended."""
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                yield as_event("token", piece)
    except HelpdeskError as error:
        yield as_event("error", str(error))
    else:
        yield as_event("done")


async def fill(queue: asyncio.Queue[str | None], pieces: Pieces) -> None:
    """Put the pieces into the queue, and None after the last."""
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                await queue.put(piece)
    finally:
        await queue.put(None)


async def buffered(pieces: Pieces) -> Pieces:
    """The same pieces; slow clients don't slow the model server down."""
    queue: asyncio.Queue[str | None] = asyncio.Queue(maxsize=64)
    filling = asyncio.create_task(fill(queue, pieces))
    async with asyncio.timeout(SUGGESTION_SECONDS):
        while True:
            piece = await queue.get()
            if piece is None:
                break
            yield as_event("token", piece)
    await filling
    yield as_event("done")


@router.post("/{ticket_id}/answer")
async def answer(
    ticket_id: int, desk: DeskDep, resources: ResourcesDep, agent: AgentDep
) -> StreamingResponse:
    """A draft of an answer, as it is written."""
    ticket = await desk.read(ticket_id)
    pieces = resources.chat.stream(conversation(f"Answer this customer: {ticket.body}"))
    return StreamingResponse(relay(pieces), media_type=EVENTS)


@router.post("/{ticket_id}/suggestions")
async def suggest(
    ticket_id: int, desk: DeskDep, resources: ResourcesDep, agent: AgentDep
) -> StreamingResponse:
    """What the agent could do next, as it is written."""
    ticket = await desk.read(ticket_id)
    pieces = resources.chat.stream(conversation(f"What would you try? {ticket.body}"))
    return StreamingResponse(buffered(pieces), media_type=EVENTS)


@router.post("/{ticket_id}/summary")
async def summarise(
    ticket_id: int, desk: DeskDep, resources: ResourcesDep, agent: AgentDep
) -> dict[str, str]:
    """The ticket in one sentence."""
    ticket = await desk.read(ticket_id)
    with resources.slots:
        return {"summary": await resources.summariser.summarise(ticket.body)}
