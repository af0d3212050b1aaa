"""Getting somebody out of bed."""

from fastapi import APIRouter

from helpdesk.dependencies import AgentDep, DeskDep, EscalationDep

router = APIRouter(prefix="/api/tickets", tags=["escalations"])


@router.post("/{ticket_id}/escalate")
async def escalate(
    ticket_id: int, desk: DeskDep, escalation: EscalationDep, agent: AgentDep
) -> dict[str, str]:
    """Page the person in charge of a ticket."""
    ticket = await desk.read(ticket_id)
    return {"paged": escalation.escalate(ticket)}
