"""Tickets over HTTP."""

from fastapi import APIRouter, Response

from helpdesk.dependencies import AgentDep, DeskDep, PermissionsDep, ResourcesDep
from helpdesk.errors import Busy, Forbidden
from helpdesk.schemas import StatusChange, TicketDraft, TicketIds, TicketView
from helpdesk.services.merging import merge_tickets

router = APIRouter(prefix="/api/tickets", tags=["tickets"])


@router.post("", status_code=201)
async def create_ticket(
    draft: TicketDraft, desk: DeskDep, resources: ResourcesDep, agent: AgentDep
) -> TicketView:
    """Open a ticket, unless there is maintenance."""
    if resources.stores.flags.maintenance:
        raise Busy("no new tickets during maintenance")
    return await desk.create(draft)


@router.get("")
async def list_tickets(desk: DeskDep, sort: str = "id", limit: int = 50) -> list[TicketView]:
    """The first tickets in the order of a column."""
    return await desk.browse(sort, limit)


@router.get("/{ticket_id}")
async def read_ticket(ticket_id: int, desk: DeskDep) -> TicketView:
    """One ticket."""
    return await desk.read(ticket_id)


@router.get("/stats")
async def count_tickets(desk: DeskDep) -> dict[str, int]:
    """How many tickets have which status?"""
    return await desk.count()


@router.patch("/{ticket_id}")
async def change_ticket(
    ticket_id: int, change: StatusChange, desk: DeskDep, agent: AgentDep
) -> TicketView:
    """Give a ticket another status."""
    return await desk.change_status(ticket_id, change.status)


@router.post("/close")
async def close_tickets(chosen: TicketIds, desk: DeskDep, agent: AgentDep) -> dict[str, int]:
    """Close many tickets at once."""
    return {"closed": await desk.close_all(chosen.ids)}


@router.post("/{source_id}/merge/{target_id}", status_code=204)
async def merge(
    source_id: int, target_id: int, resources: ResourcesDep, agent: AgentDep
) -> Response:
    """Make two tickets one."""
    await merge_tickets(resources.stores.sessions, source_id, target_id)
    return Response(status_code=204)


@router.delete("/{ticket_id}", status_code=204)
async def delete_ticket(
    ticket_id: int, desk: DeskDep, permissions: PermissionsDep, agent: AgentDep
) -> Response:
    """Remove a ticket for good."""
    # greenroom: accept[W3] it denies nobody as it is: see EVL002
    if not permissions.may_delete(agent):
        raise Forbidden("only leads may delete tickets")
    await desk.delete(ticket_id)
    return Response(status_code=204)
