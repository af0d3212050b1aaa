"""Which agents are at their desks?"""

import asyncio
from collections.abc import Iterable

from redis.asyncio import Redis
from redis.exceptions import RedisError

SECONDS = 60


def connect(url: str) -> Redis:
    """A small pool: presence is many short commands."""
    return Redis.from_url(
        url,
        max_connections=10,
        socket_timeout=2,
        socket_connect_timeout=2,
        decode_responses=True,
    )


class Presence:
    """A key per agent that goes away by itself."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def reset(self) -> None:
        """Nobody is there when the help desk starts."""
        await self._redis.flushdb()

    async def touch(self, agent: str) -> None:
        """The agent was active just now."""
        await self._redis.set(f"presence:{agent}", "here", ex=SECONDS)

    async def online(self, agents: Iterable[str]) -> list[str]:
        """Those of the agents who were active lately."""
        names = list(agents)
        try:
            found = await asyncio.gather(*(self._redis.get(f"presence:{name}") for name in names))
        except RedisError:
            return []
        return [name for name, state in zip(names, found, strict=True) if state]
