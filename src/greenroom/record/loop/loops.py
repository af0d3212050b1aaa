"""Learns when a loop begins to run and when it stops, whatever class it is of."""

import asyncio
import gc
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

_RUN = "run_forever"


class LoopClasses:
    """Wraps `run_forever`, through which every loop runs, in all classes of loops and in those still to come."""

    def __init__(self, begin: Callable[[AbstractEventLoop], Callable[[], None]]) -> None:
        """Take what is called when a loop begins to run; what it returns is called when the loop stops."""
        self._begin = begin
        self._wrapped: dict[type, Any] = {}
        self.code: CodeType = self._wrap(AbstractEventLoop.run_forever).__code__
        """Of the function which from now on runs loops."""

    def install(self) -> None:
        """Wrap the classes that exist, and wait for others."""
        for kind in _runners(AbstractEventLoop):  # type: ignore[type-abstract]
            self._install_in(kind)

        def learn(kind: type[AbstractEventLoop], /, **words: Any) -> None:
            super(AbstractEventLoop, kind).__init_subclass__(**words)
            if _own_runner(kind):
                self._install_in(kind)

        AbstractEventLoop.__init_subclass__ = classmethod(learn)  # type: ignore[assignment]

    def remove(self) -> None:
        """Leave the classes as they were."""
        del AbstractEventLoop.__init_subclass__
        for kind, original in self._wrapped.items():
            if original is None:
                delattr(kind, _RUN)
            else:
                setattr(kind, _RUN, original)
        self._wrapped.clear()

    def _install_in(self, kind: type) -> None:
        if kind not in self._wrapped:
            original = getattr(kind, _RUN)
            self._wrapped[kind] = original if _RUN in vars(kind) else None
            setattr(kind, _RUN, self._wrap(original))

    def _wrap(self, original: Callable[[Any], None]) -> Any:
        begin = self._begin

        def run_forever(self: AbstractEventLoop) -> None:
            __tracebackhide__ = True
            end = begin(self)
            try:
                original(self)
            finally:
                end()

        run_forever.__doc__ = original.__doc__
        return run_forever


def running_elsewhere() -> Iterator[AbstractEventLoop]:
    """Find the loops that run at this moment in other threads; slow, all objects are looked through."""
    for thing in gc.get_objects():
        kind = type(thing)
        if issubclass(kind, AbstractEventLoop) and thing.is_running() and thing is not _current():
            yield thing


def _current() -> AbstractEventLoop | None:
    return asyncio._get_running_loop()  # noqa: SLF001  - documented, and the only one that does not raise


def _runners(kind: type[AbstractEventLoop]) -> Iterator[type[AbstractEventLoop]]:
    for below in type.__subclasses__(kind):
        if _own_runner(below):
            yield below
        yield from _runners(below)


def _own_runner(kind: type) -> bool:
    """Whether this class says itself how its loops run, or inherits it from compiled code."""
    if _RUN in vars(kind):
        return True
    first = next((base for base in kind.__mro__ if _RUN in vars(base)), AbstractEventLoop)
    return first is not AbstractEventLoop and not issubclass(first, AbstractEventLoop)
