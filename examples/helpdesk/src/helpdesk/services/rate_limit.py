"""How often may a client ask?"""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic


class RateLimiter:
    """Counts per client and minute; remembers the last thousand clients."""

    def __init__(
        self, per_minute: int, *, clients: int = 1_000, clock: Callable[[], float] = monotonic
    ) -> None:
        self._per_minute = per_minute
        self._clients = clients
        self._clock = clock
        self._windows: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def allow(self, client: str) -> bool:
        """Count one request; False when there were too many. A limit of zero means none."""
        started, count = self._window(client)
        self._windows[client] = (started, count + 1)
        self._windows.move_to_end(client)
        if len(self._windows) > self._clients:
            self._windows.popitem(last=False)
        return self._per_minute == 0 or count < self._per_minute

    def _window(self, client: str) -> tuple[float, int]:
        started, count = self._windows.get(client, (self._clock(), 0))
        if self._clock() - started >= 60:
            return self._clock(), 0
        return started, count
