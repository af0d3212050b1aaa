"""Switches that operations turn while the help desk runs."""

from redis import Redis

from helpdesk.settings import Settings


class FeatureFlags:
    """Reads each switch when it is needed, so that a turn has effect at once."""

    def __init__(self, settings: Settings) -> None:
        self._redis = Redis(host=settings.redis_host, port=settings.redis_port, db=1)

    @property
    def maintenance(self) -> bool:
        """Are new tickets refused at the moment?"""
        return self._redis.get("flag:maintenance") == b"on"

    def close(self) -> None:
        """Give the connections back."""
        self._redis.close()
