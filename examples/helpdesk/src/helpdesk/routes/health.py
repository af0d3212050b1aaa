"""Is it alive, is it ready?"""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.dependencies import ResourcesDep

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def health() -> dict[str, str]:
    """What the container's health check asks."""
    return {"status": "ok"}


@router.get("/readyz")
async def readiness(resources: ResourcesDep) -> JSONResponse:
    """The state of each store; 503 unless all are up."""
    states = {
        "database": await database_state(resources),
        "redis": await redis_state(resources),
    }
    ready = all(state == "up" for state in states.values())
    return JSONResponse(states, status_code=200 if ready else 503)


async def database_state(resources: ResourcesDep) -> str:
    """`up` or `down`."""
    try:
        async with resources.stores.sessions() as session:
            await session.execute(text("select 1"))
    except SQLAlchemyError:
        return "down"
    return "up"


async def redis_state(resources: ResourcesDep) -> str:
    """`up` or `down`."""
    try:
        await resources.stores.cache.ping()
    except RedisError:
        return "down"
    return "up"
