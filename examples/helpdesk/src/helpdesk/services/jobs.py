"""Work for the worker process: a Redis list, and a record of each job."""

import contextlib
import json
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

QUEUE = "jobs"
DAY = 24 * 60 * 60


class Jobs:
    """A queue of jobs, and their results for a day."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def enqueue(self, kind: str, options: dict[str, str]) -> str:
        """Put a job into the queue; returns its number."""
        number = uuid4().hex
        job = json.dumps({"number": number, "kind": kind, **options})
        with contextlib.suppress(RedisError):
            await self._redis.set(f"job:{number}:state", "waiting", ex=DAY)
            await self._redis.rpush(QUEUE, job)
        return number

    async def next(self) -> dict[str, str] | None:
        """The next job, or None when there is none for a second."""
        entry = await self._redis.blpop([QUEUE], timeout=1)
        return json.loads(entry[1]) if entry else None

    async def state(self, number: str) -> str:
        """`waiting`, `done` or `unknown`."""
        return await self._redis.get(f"job:{number}:state") or "unknown"

    async def result(self, number: str) -> str | None:
        """What the worker made of it."""
        return await self._redis.get(f"job:{number}:result")

    async def finish(self, number: str, result: str) -> None:
        """Store the result."""
        await self._redis.set(f"job:{number}:result", result, ex=DAY)
        await self._redis.set(f"job:{number}:state", "done", ex=DAY)
