"""What one watch has seen, as evidence about one project."""

from _thread import RLock
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from types import CodeType, FrameType

from greenroom.model.place import Place
from greenroom.model.stall import BlockingCall, Stall
from greenroom.record.loop.roots import Roots
from greenroom.record.loop.spelling import call_at
from greenroom.record.loop.stack import Line, Stack, is_asyncio, is_ours
from greenroom.record.loop.turn import Hold

_MOST = 10_000
"""Causes of stalls, and places of blocking calls, that are kept: a server may be watched for months."""
_KINDS = {"lock": "lock", "sleep": "io", "network": "io", "dns": "io", "file": "io", "database": "io",
          "process": "io", "gc": "cpu"}  # fmt: skip
_OF_ALL_LOOPS = frozenset({"gil", "load"})
"""Kinds of which a process with several loops sees one as often as it has loops."""
_OWN_BUSINESS = ("linecache.py", "importlib._bootstrap>", "importlib._bootstrap_external>")
"""Files that are read to show or load code; an import is told by its own event."""


class _Cause:
    """All stalls of one cause."""

    __slots__ = ("loops", "since", "stall", "until")

    def __init__(self, stall: Stall) -> None:
        self.stall = replace(stall, times=0)
        self.loops: set[int] = set()
        """Those that the last one kept."""
        self.since = self.until = 0.0

    def count(self, stall: Stall, hold: Hold) -> bool:
        """Add one more; False where it is the last one, as another loop has seen it."""
        since, until = hold.ended - hold.seconds, hold.ended
        overlaps = bool(self.loops) and self.since <= until and since <= self.until
        is_last = hold.kind in _OF_ALL_LOOPS and overlaps and hold.loop not in self.loops
        known = self.until - self.since if is_last else 0.0
        if is_last:
            since, until = min(self.since, since), max(self.until, until)
        self.loops = {*self.loops, hold.loop} if is_last else {hold.loop}
        self.since, self.until = since, until
        longest = max(self.stall, stall, key=lambda one: one.seconds)
        times, total = self.stall.times + (not is_last), self.stall.total + until - since - known
        self.stall = replace(longest, times=times, total=total)
        return not is_last


class _Count:
    __slots__ = ("call", "kind", "place", "seconds", "times")

    def __init__(self, place: Place, call: str, kind: str) -> None:
        self.place = place
        self.call = call
        self.kind = kind
        self.times = 0
        self.seconds = 0.0


class Seen:
    """Grows while the watch lasts, and may be read at any time, from any thread."""

    def __init__(self, roots: Roots, limit: float, tell: Callable[[Stall], None] | None) -> None:
        self._roots = roots
        self._limit = limit
        self._tell = tell
        self._lock = RLock()
        self._causes: dict[tuple[Place | None, str, str], _Cause] = {}
        self._calls: dict[tuple[CodeType, int, str], _Count] = {}
        self._notes: list[str] = []

    @property
    def stalls(self) -> tuple[Stall, ...]:
        """What kept loops from turning for longer than the limit: each cause once, the oldest first."""
        return tuple(cause.stall for cause in tuple(self._causes.values()))

    @property
    def calls(self) -> tuple[BlockingCall, ...]:
        """Shorter calls that can wait, by the line that made them."""
        return tuple(
            BlockingCall(place=one.place, call=one.call, seconds=one.seconds, kind=one.kind, times=one.times)
            for one in tuple(self._calls.values())
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What went wrong in the watch itself; the watched code never notices."""
        return tuple(self._notes)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to `take`: asked twice for each test."""
        return not self._causes and not self._calls

    def take(self) -> tuple[tuple[Stall, ...], tuple[BlockingCall, ...]]:
        """Read all and forget it."""
        with self._lock:
            taken = self.stalls, self.calls
            self._causes.clear()
            self._calls.clear()
        return taken

    def held(self, hold: Hold) -> None:
        """Hear that something held a loop."""
        if hold.seconds < self._limit:
            return
        stack, line = self._blame(hold.stacks, alone=hold.kind == "gil")
        if hold.kind == "gc" and line and not call_at(line).endswith("collect"):
            stack, line = (), None
        stall = Stall(
            place=self._roots.place(line) if line else None,
            seconds=hold.seconds,
            kind=_KINDS.get(hold.kind, hold.kind),
            call=self._called(hold, stack, line),
            chain=tuple(self._roots.place(one) for one in reversed(stack) if self._roots.find(one.file)),
        )
        told = self._counted(stall, hold)
        if told is not None and self._tell is not None:
            self._tell(told)

    def _counted(self, stall: Stall, hold: Hold) -> Stall | None:
        """All that is known of its cause, at the first time, the second, the fourth and so on; else None."""
        key = (stall.place, stall.call, stall.kind)
        with self._lock:
            cause = self._causes.get(key)
            if cause is None:
                if len(self._causes) >= _MOST:
                    return None
                cause = self._causes[key] = _Cause(stall)
            is_another = cause.count(stall, hold)
            counted = cause.stall
        return counted if is_another and counted.times & (counted.times - 1) == 0 else None

    def called(self, call: str, kind: str, seconds: float, frame: FrameType) -> None:
        """Hear of a call that can wait."""
        if seconds >= self._limit:
            return
        at, direct = self._innermost(frame)
        if at is None:
            return
        key = (at.f_code, at.f_lasti, kind)
        count = self._calls.get(key)
        if count is None:
            if len(self._calls) >= _MOST:
                return
            line = Line(at.f_code.co_filename, at.f_lineno or 0, at.f_code.co_qualname, at.f_code, at.f_lasti,
                        str(at.f_globals.get("__name__", "")))  # fmt: skip
            named = call if direct or kind == "import" else call_at(line) or call
            count = self._calls[key] = _Count(self._roots.place(line), named, kind)
        count.times += 1
        count.seconds = max(count.seconds, seconds)

    def note(self, what: str) -> None:
        """Remember a failure of ours, once."""
        if what not in self._notes:
            self._notes.append(what)

    def _innermost(self, frame: FrameType | None) -> tuple[FrameType | None, bool]:
        """Find the project's frame that called, and whether it did so itself; None where asyncio did."""
        direct = True
        while frame is not None:
            file = frame.f_code.co_filename
            if self._roots.find(file):
                return frame, direct
            if is_asyncio(file) or file.endswith(_OWN_BUSINESS):
                return None, False
            direct = direct and is_ours(file)
            frame = frame.f_back
        return None, False

    def _blame(self, stacks: tuple[Stack, ...], *, alone: bool) -> tuple[Stack, Line | None]:
        """Choose the line that was seen most often; `alone`: one of several threads did it, nobody knows which."""
        found = [(stack, line) for stack in stacks if (line := self._own(stack)) is not None]
        if not found or (alone and len(found) > 1):
            return (), None
        ((file, number), _), *_ = Counter((line.file, line.number) for _, line in found).most_common(1)
        return next((stack, line) for stack, line in found if (line.file, line.number) == (file, number))

    def _own(self, stack: Stack) -> Line | None:
        return next((line for line in stack if self._roots.find(line.file)), None)

    def _called(self, hold: Hold, stack: Stack, line: Line | None) -> str:
        if line is None:
            return hold.call
        direct = stack[0] is line
        if hold.call and direct:
            return hold.call
        return (call_at(line) if hold.spelled or not direct else "") or hold.call
