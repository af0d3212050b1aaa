"""Redis as a cache of rendered tickets."""

from redis.asyncio import BlockingConnectionPool, Redis


def connect(url: str) -> Redis:
    """A client whose every wait has a limit, the wait for a free connection included."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=20,
        timeout=2,
        socket_timeout=2,
        socket_connect_timeout=2,
        decode_responses=True,
    )
    return Redis.from_pool(pool)


class Cache:
    """Text by key, each entry with a time to live."""

    def __init__(self, redis: Redis, *, seconds: int = 30) -> None:
        self._redis = redis
        self._seconds = seconds

    async def get(self, key: str) -> str | None:
        """The text, or None when it is not there; a Redis that is down raises."""
        return await self._redis.get(key)

    async def put(self, key: str, text: str) -> None:
        """Keep the text for a while."""
        await self._redis.set(key, text, ex=self._seconds)

    async def drop(self, key: str) -> None:
        """Forget one entry."""
        await self._redis.delete(key)

    async def ping(self) -> None:
        """Raise unless Redis answers."""
        await self._redis.ping()

    def clear(self) -> None:
        """Forget everything."""
        self._redis.flushdb()
