"""Event loops that did not turn, and blocking calls made on them, by test."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from types import ModuleType
from typing import TYPE_CHECKING

from greenroom.record.loaded_libraries import LoadedLibraries
from greenroom.record.sensor import Part, RunningTest, Scene

if TYPE_CHECKING:
    from greenroom.model.stall import BlockingCall, Stall
    from greenroom.record.loop import Seen

_LIMIT = timedelta(milliseconds=100)
"""Where asyncio's own debug mode begins to complain, too."""
_MOST = 100
"""Of either in one test."""


class StallSensor:
    """Watches the loops of a process from the moment when it loads asyncio."""

    name = "stalls"
    in_children = True

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._libraries = LoadedLibraries(self._complain)
        self._watches = ExitStack()
        self._seen: Seen | None = None
        self._last: RunningTest | None = None
        self._forks = False
        self._noted = 0

    def install(self, scene: Scene) -> None:
        """Wait for asyncio; a suite without it pays nothing."""
        self._scene = scene
        self._libraries.once_loaded("asyncio", self._watch)
        self._libraries.install()

    def uninstall(self) -> None:
        """Watch no longer."""
        self._hand_over()
        self._libraries.uninstall()
        self._watches.close()
        self._seen = None

    def begin(self, test: RunningTest) -> None:
        """What was seen between two tests is of the one before."""
        self._libraries.look()
        self._hand_over()
        self._last = test

    def end(self, test: RunningTest) -> Part:  # noqa: ARG002
        """What was seen since, as far as a line of the project is to blame."""
        seen = self._seen
        if seen is None:
            return {}
        for note in seen.notes[self._noted :]:
            self._note(note)
        self._noted = len(seen.notes)
        if seen.is_empty:
            return {}
        stalls, calls = seen.take()
        return {"stalls": _blamed(stalls), "blocking": _longest(calls)}

    def _watch(self, asyncio: ModuleType) -> bool:
        """Begin to watch, once asyncio is there as a whole."""
        if not hasattr(asyncio, "SelectorEventLoop") or self._scene is None:
            return False
        from greenroom.record.loop import watch  # noqa: PLC0415  - loads asyncio, which the suite may not want

        self._seen = self._watches.enter_context(watch(_LIMIT, [self._scene.code.root], self._tell))
        if not self._forks:
            self._forks = True
            os.register_at_fork(after_in_child=self._forked)
        return True

    def _forked(self) -> None:
        """Watch again in a child, where the watch of the parent ended without a word."""
        scene = self._scene
        if self._seen is None:
            return
        self._seen, self._watches = None, ExitStack()
        if scene is not None and scene.is_child and scene.test is not None:
            import asyncio  # noqa: PLC0415  - loaded long ago

            self._watch(asyncio)

    def _tell(self, stall: "Stall") -> None:
        if self._scene is not None and stall.place is not None:
            self._scene.seen()

    def _hand_over(self) -> None:
        scene, last = self._scene, self._last
        if self._seen is None or self._seen.is_empty or scene is None:
            return
        stalls, calls = self._seen.take()
        blamed = _blamed(stalls)
        if last is not None and (blamed or calls):
            scene.late(last, {"stalls": blamed, "blocking": _longest(calls)})

    def _complain(self, error: Exception) -> None:
        self._note(f"{type(error).__name__}: {error}")

    def _note(self, text: str) -> None:
        if self._scene is not None:
            self._scene.note(f"stalls: {text}")


def _blamed(stalls: "Sequence[Stall]") -> "tuple[Stall, ...]":
    """The longest of those that a line of the project is to blame for, in their order."""
    blamed = [stall for stall in stalls if stall.place is not None]
    if len(blamed) > _MOST:
        longest = sorted(blamed, key=lambda stall: -stall.seconds)[:_MOST]
        blamed = [stall for stall in blamed if stall in longest]
    return tuple(blamed)


def _longest(calls: "Sequence[BlockingCall]") -> "tuple[BlockingCall, ...]":
    return tuple(sorted(calls, key=lambda call: -call.seconds)[:_MOST])
