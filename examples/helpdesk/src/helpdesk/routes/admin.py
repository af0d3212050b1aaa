"""For operations."""

from fastapi import APIRouter, Response

from helpdesk.assistant.downloads import pull_model
from helpdesk.dependencies import AgentDep, ResourcesDep

router = APIRouter(prefix="/api/admin", tags=["admin"])


@router.post("/cache/clear", status_code=204)
async def clear_cache(resources: ResourcesDep, agent: AgentDep) -> Response:
    """Forget all rendered tickets."""
    resources.stores.cache.clear()
    return Response(status_code=204)


@router.post("/models/{name}/pull", status_code=204)
async def pull(name: str, resources: ResourcesDep, agent: AgentDep) -> Response:
    """Have the model server download a model."""
    await pull_model(resources.settings.assistant_url, name)
    return Response(status_code=204)
