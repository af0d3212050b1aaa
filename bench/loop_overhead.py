"""What a watch costs on an echo round trip, for `bench/loop.py`: with and without, in turns, in one process."""

import asyncio
import contextlib
import logging
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import cast

from loop_peers import LIMIT

from greenroom.record.loop import watch

_TRIPS = 1_000
_PAIRS = 100
_WARM_UP = 100


class _Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


Cost = tuple[float, float]
"""Of a round trip: seconds, and CPU seconds of the whole process, whatever thread it is."""


async def _trips(trips: int) -> Cost:
    """Take a message there and back, over and over: the leanest server and streams on the client's side."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Echo, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    for _ in range(_WARM_UP):
        writer.write(b"hello\n")
        await reader.readline()
    started, used = time.perf_counter(), time.process_time()
    for _ in range(trips):
        writer.write(b"hello\n")
        await reader.readline()
    seconds, used = time.perf_counter() - started, time.process_time() - used
    writer.close()
    server.close()
    return seconds / trips, used / trips


@contextmanager
def _blockbuster() -> Iterator[None]:
    from blockbuster import blockbuster_ctx  # noqa: PLC0415  - a peer, which may be absent

    with blockbuster_ctx():
        yield


@contextmanager
def _aiodebug() -> Iterator[None]:
    from aiodebug import log_slow_callbacks  # noqa: PLC0415

    original = asyncio.Handle._run  # type: ignore[attr-defined]  # noqa: SLF001  - it has no way to switch it off
    log_slow_callbacks.enable(LIMIT.total_seconds(), lambda _name, _seconds: None)
    try:
        yield
    finally:
        asyncio.Handle._run = original  # type: ignore[attr-defined]  # noqa: SLF001


async def _under_pyleak() -> Cost:
    from pyleak import no_event_loop_blocking  # noqa: PLC0415

    async with no_event_loop_blocking(action="log", threshold=LIMIT.total_seconds()):
        return await _trips(_TRIPS)


def _plain(run: Callable[..., Cost] = asyncio.run) -> Cost:
    return run(_trips(_TRIPS))


def _within(
    context: Callable[[], AbstractContextManager[object]], run: Callable[..., Cost] = asyncio.run
) -> Cost:
    with context():
        return run(_trips(_TRIPS))


def _in_debug_mode() -> Cost:
    return asyncio.run(_trips(_TRIPS), debug=True)


def measure() -> list[tuple[str, float, float, float, float]]:
    """Give back, for each watcher: its name, microseconds without it, the ratio, its spread, the ratio of CPU time."""
    import uvloop  # noqa: PLC0415

    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    ours = lambda: watch(LIMIT)  # noqa: E731
    watched: dict[str, tuple[Callable[[], Cost], Callable[[], Cost]]] = {
        "nothing, twice": (_plain, _plain),
        "greenroom": (_plain, lambda: _within(ours)),
        "greenroom, uvloop": (lambda: _plain(uvloop.run), lambda: _within(ours, uvloop.run)),
        "blockbuster": (_plain, lambda: _within(_blockbuster)),
        "pyleak": (_plain, lambda: asyncio.run(_under_pyleak())),
        "aiodebug": (_plain, lambda: _within(_aiodebug)),
        "asyncio debug": (_plain, _in_debug_mode),
    }
    pairs: dict[str, list[tuple[Cost, Cost]]] = {name: [] for name in watched}
    for turn in range(_PAIRS):
        for name, (without, within) in watched.items():
            if turn % 2:
                second = within()
                pairs[name].append((without(), second))
            else:
                first = without()
                with contextlib.suppress(Exception):
                    pairs[name].append((first, within()))
    return [_row(name, found) for name, found in pairs.items()]


def _row(name: str, pairs: list[tuple[Cost, Cost]]) -> tuple[str, float, float, float, float]:
    ratios = sorted(within[0] / without[0] for without, within in pairs)
    quarter = len(ratios) // 4
    return (name, statistics.median(without[0] for without, _ in pairs) * 1e6, statistics.median(ratios),
            ratios[-1 - quarter] - ratios[quarter],
            statistics.median(within[1] / without[1] for without, within in pairs))  # fmt: skip
