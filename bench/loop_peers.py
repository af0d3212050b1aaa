"""How each watcher of event loops is asked what it saw of one blocking function, for `bench/loop.py`.

A watcher takes the function that blocks and gives back the lines of `blocking/` that it names, or None
where it noticed nothing. Each is used as its own documentation says, with a limit of 50 ms.
"""

import asyncio
import contextlib
import logging
import os
import re
import tempfile
import traceback
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from greenroom.record.loop import watch

LIMIT = timedelta(milliseconds=50)
FOLDER = Path(__file__).with_name("blocking")
_NAMED = re.compile(r"bench/blocking/\w+\.py[\":,]+(?: line )?(\d+)")

Block = Callable[[], object]
Watcher = Callable[[Block], set[int] | None]


async def drive(block: Block) -> None:
    """Stand for a handler, in a task of its own, between two moments in which the loop is free."""
    await asyncio.sleep(0.1)
    await asyncio.create_task(_handler(block))
    await asyncio.sleep(0.05)


async def _handler(block: Block) -> None:
    block()


def greenroom(block: Block) -> set[int] | None:
    """Ours, on the standard loop."""
    return _greenroom(block, asyncio.run)


def greenroom_uvloop(block: Block) -> set[int] | None:
    """Ours, on uvloop."""
    import uvloop  # noqa: PLC0415  - only where it is asked for

    return _greenroom(block, uvloop.run)


def _greenroom(block: Block, run: Callable[[Coroutine[Any, Any, None]], None]) -> set[int] | None:
    with watch(LIMIT, [FOLDER]) as seen:
        run(drive(block))
    seen_by_stalls = {stall.place.line for stall in seen.stalls if stall.place}
    found = seen_by_stalls or {call.place.line for call in seen.calls}
    return found or None


def blockbuster(block: Block) -> set[int] | None:
    """It raises where a call that it knows is made."""
    from blockbuster import BlockingError, blockbuster_ctx  # noqa: PLC0415

    with blockbuster_ctx():
        try:
            asyncio.run(drive(block))
        except BlockingError as error:
            return _innermost([frame.lineno for frame in traceback.extract_tb(error.__traceback__)
                               if Path(frame.filename).parent == FOLDER])  # fmt: skip
    return None


def pyleak(block: Block) -> set[int] | None:
    """It samples from a thread, and raises at the end."""
    from pyleak import EventLoopBlockError, no_event_loop_blocking  # noqa: PLC0415

    async def watched() -> None:
        async with no_event_loop_blocking(action="raise", threshold=LIMIT.total_seconds()):
            await drive(block)

    try:
        asyncio.run(watched())
    except EventLoopBlockError as error:
        stacks = [event.blocking_stack or [] for event in error.blocking_events]
        lines = [
            _innermost([frame.lineno for frame in stack if Path(frame.filename).parent == FOLDER])
            for stack in stacks
        ]
        return set().union(*lines)
    return None


def aiodebug(block: Block) -> set[int] | None:
    """It times callbacks, and writes stacks from a thread."""
    from aiodebug import hang_inspection, log_slow_callbacks  # noqa: PLC0415

    said: list[str] = []

    async def watched(folder: str) -> None:
        inspection = hang_inspection.start(folder, LIMIT.total_seconds())
        await drive(block)
        inspection[0].stop = True
        inspection[1].cancel()

    original = asyncio.Handle._run  # type: ignore[attr-defined]  # noqa: SLF001  - it has no way to switch it off
    log_slow_callbacks.enable(LIMIT.total_seconds(), lambda name, seconds: said.append(name))  # noqa: ARG005
    try:
        folder = tempfile.mkdtemp(dir=os.environ.get("LOOP_BENCH_SCRATCH"))  # its thread goes on for a while
        asyncio.run(watched(folder))
        dumps = [file.read_text() for file in sorted(Path(folder).iterdir())]
    finally:
        asyncio.Handle._run = original  # type: ignore[attr-defined]  # noqa: SLF001
    return _named([*said, *(_main_thread(dump) for dump in dumps)])


def asyncio_debug(block: Block) -> set[int] | None:
    """It times callbacks, and logs the slow ones."""

    async def watched() -> None:
        asyncio.get_running_loop().slow_callback_duration = LIMIT.total_seconds()
        await drive(block)

    with _log_of("asyncio") as said:
        asyncio.run(watched(), debug=True)
    return _named(said)


WATCHERS: dict[str, Watcher] = {
    "greenroom": greenroom,
    "greenroom, uvloop": greenroom_uvloop,
    "blockbuster": blockbuster,
    "pyleak": pyleak,
    "aiodebug": aiodebug,
    "asyncio debug": asyncio_debug,
}


@contextmanager
def _log_of(name: str) -> Iterator[list[str]]:
    said: list[str] = []

    class Keep(logging.Handler):
        """Keeps what is said of slow callbacks."""

        def emit(self, record: logging.LogRecord) -> None:
            if "Executing" in record.getMessage():
                said.append(record.getMessage())

    logger, handler = logging.getLogger(name), Keep()
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)


def _named(said: list[str]) -> set[int] | None:
    """Read the lines out of texts; the last of each is the innermost."""
    if not said:
        return None
    found = [_innermost([int(number) for number in _NAMED.findall(text)]) for text in said]
    return set().union(*found)


def _main_thread(dump: str) -> str:
    return next((part for part in dump.split("# ThreadID") if "drive" in part or "_handler" in part), "")


def _innermost(lines: list[int | None]) -> set[int]:
    known = [line for line in lines if line]
    return set(known[-1:])


def quietly() -> contextlib.AbstractContextManager[list[str]]:
    """Keep asyncio's debug log off the screen."""
    return _log_of("asyncio")
