"""What was seen of an event loop: that it did not turn, and calls on it that can wait."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from greenroom.model.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """The event loop did not turn, for one cause: the same place, call and kind."""

    place: Place | None
    """The line of the project that held it; None where no line of the project was on the stack."""
    seconds: float
    """The longest time."""
    kind: str
    """`cpu`, `io` or `lock`; `gil`: another thread kept the interpreter; `load`: many callbacks, none of
    them long."""
    call: str
    """What held it: `time.sleep`, `json.loads` …; empty where it was the project's own code."""
    chain: tuple[Place, ...] = ()
    """The project's frames that led to the longest one, outermost first."""
    times: int = 1
    """How often; what kept several loops of the process at the same moment counts once."""
    total: float = 0.0
    """Seconds of all times together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockingCall:
    """A call that can wait, made where an event loop runs, and too short to be a stall this time."""

    place: Place
    """The innermost line of the project on the way to it."""
    call: str
    """What that line calls: `time.sleep`, `requests.get` …"""
    seconds: float
    """The longest one; 0 where only its beginning could be seen."""
    kind: str
    """`sleep`, `network`, `dns`, `file`, `database`, `process`, `lock` or `import`."""
    times: int = 1


def same_stalls_once(stalls: Iterable[Stall]) -> tuple[Stall, ...]:
    """Add up those of one cause, which several processes or several tellings of one have seen, in the order of the first."""
    found: dict[tuple[Place | None, str, str], Stall] = {}
    for stall in stalls:
        key = (stall.place, stall.call, stall.kind)
        known = found.get(key)
        if known is None:
            found[key] = stall
            continue
        longest = max(known, stall, key=lambda one: one.seconds)
        found[key] = replace(longest, times=known.times + stall.times, total=known.total + stall.total)
    return tuple(found.values())


def same_calls_once(calls: Iterable[BlockingCall]) -> tuple[BlockingCall, ...]:
    """Add up those that one line makes, as above."""
    found: dict[tuple[Place, str, str], BlockingCall] = {}
    for call in calls:
        key = (call.place, call.call, call.kind)
        known = found.get(key)
        seconds = call.seconds if known is None else max(known.seconds, call.seconds)
        found[key] = replace(call, seconds=seconds, times=call.times + (known.times if known else 0))
    return tuple(found.values())
