"""News about tickets, for the screens on the wall."""

from collections.abc import AsyncGenerator

from redis.asyncio import Redis

CHANNEL = "tickets"


class Feed:
    """Publishes to everybody who listens, on all machines."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, decode_responses=True)

    async def publish(self, text: str) -> None:
        """Tell all listeners."""
        await self._redis.publish(CHANNEL, text)

    async def events(self) -> AsyncGenerator[str, None]:
        """All news from now on, as server-sent events."""
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(CHANNEL)
            async for message in pubsub.listen():
                if message["type"] == "message":
                    yield f"data: {message['data']}\n\n"

    async def close(self) -> None:
        """Give the connections back."""
        await self._redis.aclose()
