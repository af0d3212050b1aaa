"""What was seen of an event loop: that it did not turn, and calls on it that can wait."""

from dataclasses import dataclass

from greenroom.model.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """The event loop did not turn."""

    place: Place | None
    """The line of the project that held it; None where no line of the project was on the stack."""
    seconds: float
    kind: str
    """`cpu`, `io` or `lock`; `gil`: another thread kept the interpreter; `load`: many callbacks, none of
    them long."""
    call: str
    """What held it: `time.sleep`, `json.loads` …; empty where it was the project's own code."""
    chain: tuple[Place, ...] = ()
    """The project's frames, outermost first."""


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
