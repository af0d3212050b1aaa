"""Figures for the leads."""

from datetime import datetime

from fastapi import APIRouter, Request

from helpdesk.dependencies import AgentDep, DeskDep, ResourcesDep
from helpdesk.schemas import Priority
from helpdesk.services.digest import Digest
from helpdesk.services.reports import closed_per_day, promised

router = APIRouter(prefix="/api/reports", tags=["reports"])


@router.get("/closed")
async def closed(resources: ResourcesDep, agent: AgentDep) -> dict[str, int]:
    """How many tickets were closed on each of the last thirty days."""
    return await closed_per_day(resources.settings.warehouse_url)


@router.get("/promise")
async def promise(
    priority: Priority, created_at: datetime, agent: AgentDep, business_days: bool = False
) -> dict[str, datetime]:
    """Until when must a ticket be answered?"""
    return {"due": promised(priority, created_at, business_days=business_days)}


@router.post("/digest")
async def send_digest(request: Request, desk: DeskDep, agent: AgentDep) -> dict[str, int]:
    """Send the daily mail now."""
    digest = Digest(request.app.state.outbox)
    return {"lines": await digest.send(await desk.browse("id", 100))}
