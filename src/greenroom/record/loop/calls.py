"""Times the calls that block, where a loop runs; elsewhere they cost one look into a dictionary."""

import socket
import sys
from _thread import get_ident
from collections.abc import Callable, Iterable
from functools import partial
from types import BuiltinFunctionType, FrameType
from typing import Any

from greenroom.record.audit_events import listen, listen_no_longer
from greenroom.record.loop.beat import Beat
from greenroom.record.loop.blocking import AUDITED, LATER, STANDARD, Blocking, Predicate
from greenroom.record.loop.clocks import Clock
from greenroom.record.replaced import Replaced, Stand

Note = Callable[[Beat, str, str, float, FrameType], None]


class BlockingCalls:
    """All that was wrapped, and what the interpreter tells by itself."""

    def __init__(self, beats: dict[int, Beat], note: Note) -> None:
        """Take the loops by thread, and what is told of each call: loop, name, kind, seconds, frame."""
        self._beats = beats
        self._note = note
        self._replaced = Replaced()
        self._later: list[Blocking] = []
        self._loaded = 0
        self._heard = {event: partial(self._hear, event, kind) for event, kind in AUDITED.items()}

    def install(self) -> None:
        """Wrap what is loaded."""
        self._later, self._loaded = list(LATER), 0
        self._put(STANDARD)
        self.look_again()
        for event, heard in self._heard.items():
            listen(event, heard)

    def look_again(self) -> None:
        """Wrap what was loaded since."""
        if len(sys.modules) == self._loaded:
            return
        self._loaded = len(sys.modules)
        loaded = [blocking for blocking in self._later if blocking.module in sys.modules]
        if loaded:
            self._later = [blocking for blocking in self._later if blocking not in loaded]
            self._put(loaded)

    def remove(self) -> None:
        """Undo all."""
        for event, heard in self._heard.items():
            listen_no_longer(event, heard)
        self._replaced.undo()

    def _put(self, table: Iterable[Blocking]) -> None:
        for blocking in table:
            module = sys.modules.get(blocking.module)
            owner = getattr(module, blocking.owner, None) if blocking.owner else module
            for name in blocking.names if owner is not None else ():
                spelled = ".".join(filter(None, (blocking.module, blocking.owner, name)))
                spelled = spelled.removesuffix(".__init__")
                self._replaced.put(owner, name, partial(self._wrap, spelled, blocking))

    def _wrap(self, name: str, blocking: Blocking, found: Any) -> Any:
        if isinstance(found, classmethod):
            return classmethod(self._timed(found.__func__, name, blocking.kind, blocking.never))
        if name == "socket.socket.recv":
            return self._received(found, name, blocking)
        timed = self._timed(found, name, blocking.kind, blocking.never)
        return Stand(timed, found) if isinstance(found, BuiltinFunctionType) else timed

    def _received(self, original: Any, name: str, blocking: Blocking) -> Any:
        """Wrap `recv`, which asyncio calls for each message that comes in: nothing may be slow here."""
        timeout_of = socket.socket.gettimeout
        timed = self._timed(original, name, blocking.kind, blocking.never)

        def recv(sock: Any, size: int, *flags: int) -> Any:
            __tracebackhide__ = True
            if timeout_of(sock) == 0.0 and not flags:
                return original(sock, size)
            return timed(sock, size, *flags)

        return _disguised(recv, original)

    def _timed(self, original: Any, name: str, kind: str, never: Predicate | None) -> Any:
        beat_of, now, tell = self._beats.get, Clock.now, self._tell

        def call(*args: Any, **words: Any) -> Any:
            __tracebackhide__ = True
            beat = beat_of(get_ident())
            if beat is None or beat.inside or (never is not None and never(*args, **words)):
                return original(*args, **words)
            beat.inside = True
            started = now()
            try:
                return original(*args, **words)
            finally:
                seconds = now() - started
                beat.inside = False
                tell(beat, name, kind, seconds)

        return _disguised(call, original)

    def _tell(self, beat: Beat, name: str, kind: str, seconds: float) -> None:
        frame = sys._getframe(2)  # noqa: SLF001  - the one way to learn who called
        self._note(beat, name, kind, seconds, frame)

    def _hear(self, event: str, kind: str, args: tuple[Any, ...]) -> None:
        """Hear an event of the interpreter."""
        beat = self._beats.get(get_ident())
        if beat is None or beat.inside or isinstance(args[0], int):
            return
        self._note(beat, f"import {args[0]}" if kind == "import" else event, kind, 0.0, sys._getframe(2))  # noqa: SLF001


def _disguised(call: Any, original: Any) -> Any:
    for attribute in ("__module__", "__name__", "__qualname__", "__doc__"):
        if hasattr(original, attribute):
            setattr(call, attribute, getattr(original, attribute))
    call.__wrapped__ = original
    return call
