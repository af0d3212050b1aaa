"""Exports: ordered here, made by the worker."""

import asyncio

from fastapi import APIRouter

from helpdesk.dependencies import AgentDep, ResourcesDep
from helpdesk.schemas import ExportOrder

router = APIRouter(prefix="/api/exports", tags=["exports"])


@router.post("", status_code=202)
async def order_export(
    order: ExportOrder, resources: ResourcesDep, agent: AgentDep
) -> dict[str, str]:
    """Have all tickets exported."""
    return {"number": await resources.stores.jobs.enqueue("export", {"format": order.format})}


@router.get("/{number}")
async def export_state(number: str, resources: ResourcesDep, agent: AgentDep) -> dict[str, str]:
    """How far is it?"""
    return {"state": await resources.stores.jobs.state(number)}


@router.get("/{number}/result")
async def export_result(
    number: str, resources: ResourcesDep, agent: AgentDep
) -> dict[str, str | None]:
    """The name of the file, once it is there."""
    while await resources.stores.jobs.state(number) != "done":
        await asyncio.sleep(0.5)
    return {"file": await resources.stores.jobs.result(number)}
