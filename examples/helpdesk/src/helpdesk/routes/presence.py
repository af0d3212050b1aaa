"""Who is there, and what is new?"""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from helpdesk.dependencies import AgentDep, ResourcesDep

router = APIRouter(prefix="/api", tags=["presence"])


@router.get("/presence")
async def online(
    agents: Annotated[list[str], Query()], resources: ResourcesDep
) -> dict[str, list[str]]:
    """Those of the agents who are at their desks."""
    return {"online": await resources.stores.presence.online(agents)}


@router.get("/feed")
async def feed(resources: ResourcesDep, agent: AgentDep) -> StreamingResponse:
    """News about tickets, as they happen."""
    return StreamingResponse(resources.stores.feed.events(), media_type="text/event-stream")
