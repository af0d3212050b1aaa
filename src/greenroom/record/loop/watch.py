"""Watching loops, for as long as a `with` block lasts."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from greenroom.model.stall import Stall
from greenroom.record.loop.installed import INSTALLATION
from greenroom.record.loop.roots import Roots
from greenroom.record.loop.seen import Seen

_LIMIT = timedelta(milliseconds=50)


@contextmanager
def watch(
    limit: timedelta = _LIMIT,
    roots: Sequence[Path | str] = (),
    tell: Callable[[Stall], None] | None = None,
) -> Iterator[Seen]:
    """Watch every event loop of this process, standard or uvloop, in whatever thread it runs.

    Args:
        limit: A loop that does not turn for so long is stalled. Looking costs the more, the shorter this is.
        roots: Folders whose code is the project's; what is installed below them is not. Default: the
            current one.
        tell: Called with a stall as soon as it is over, by another thread; must not wait. One that comes again
            is told at its second, fourth, eighth … time, with all that it has cost by then.

    Raises:
        ValueError: The limit is not positive.
    """
    seconds = limit.total_seconds()
    if seconds <= 0:
        message = f"a stall needs a limit above zero, not {limit}"
        raise ValueError(message)
    seen = Seen(Roots([Path(root) for root in roots or ["."]]), seconds, tell)
    INSTALLATION.add(seen, seconds)
    try:
        yield seen
    finally:
        INSTALLATION.remove(seen)
