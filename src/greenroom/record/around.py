"""Stands around functions of libraries: is told when a call begins and how it ended, and changes nothing else.

The function that stands there has the name, the module, the file and the signature of the original, and pytest
hides it in tracebacks; libraries that look for their caller's module see their own.
"""

import contextlib
import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any, Protocol

from greenroom.record.replaced import Replaced
from greenroom.record.watched_call import Notice, WatchedMethods

Complain = Callable[[Exception], None]
"""Told of what goes wrong in us, which the caller never sees."""


class Watcher(Protocol):
    """Is told of calls."""

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> tuple[Any, tuple[Any, ...]] | None:
        """A call begins.

        Returns:
            Something that `leave` is to be given, and the arguments; None where its end is of no interest.
        """
        ...

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        """It has ended."""
        ...


class Arounds:
    """All functions that something stands around, to be put back."""

    def __init__(self, complain: Complain) -> None:
        self._complain = complain
        self._replaced = Replaced()
        self._noticed = WatchedMethods(complain)

    def put(self, owner: Any, name: str, watcher: Watcher) -> None:
        """Stand around `owner.name`, which the owner itself defines; nothing happens where it does not."""
        if name in vars(owner):
            self._replaced.put(owner, name, functools.partial(self._around, watcher))

    def notice(self, owner: type, name: str, notice: Notice) -> None:
        """Have a method's calls noticed that the class itself defines, and nothing stand around it."""
        self._noticed.watch(owner, name, notice)

    def restore(self) -> None:
        """Put all of them back, except where somebody else has replaced ours since."""
        self._noticed.restore()
        self._replaced.undo()

    def _around(self, watcher: Watcher, found: Any) -> Any:
        if isinstance(found, classmethod | staticmethod):
            return type(found)(self._function(found.__func__, watcher))
        return self._function(found, watcher)

    def _function(self, original: Any, watcher: Watcher) -> Any:
        make = _awaiting if inspect.iscoroutinefunction(original) else _calling
        made = make(original, watcher.enter, watcher.leave, self._complain)
        disguised: Any = functools.update_wrapper(_disguised(made, original), original)
        with contextlib.suppress(TypeError, ValueError):  # `getfullargspec` does not look at `__wrapped__`
            disguised.__signature__ = inspect.signature(original)
        return disguised


def _calling(original: Any, enter: Any, leave: Any, complain: Complain) -> Any:
    def call(*args: Any, **words: Any) -> Any:
        __tracebackhide__ = True
        try:
            begun = enter(args, words)
        except Exception as error:  # noqa: BLE001  - it is ours, and nobody else's
            begun = None
            complain(error)
        if begun is None:
            return original(*args, **words)
        token, args = begun
        try:
            result = original(*args, **words)
        except BaseException as error:
            try:
                leave(token, error, None)
            except Exception as problem:  # noqa: BLE001  - as above
                complain(problem)
            raise
        try:
            leave(token, None, result)
        except Exception as problem:  # noqa: BLE001  - as above
            complain(problem)
        return result

    return call


def _awaiting(original: Any, enter: Any, leave: Any, complain: Complain) -> Any:
    async def call(*args: Any, **words: Any) -> Any:
        __tracebackhide__ = True
        try:
            begun = enter(args, words)
        except Exception as error:  # noqa: BLE001  - it is ours, and nobody else's
            begun = None
            complain(error)
        if begun is None:
            return await original(*args, **words)
        token, args = begun
        try:
            result = await original(*args, **words)
        except BaseException as error:
            try:
                leave(token, error, None)
            except Exception as problem:  # noqa: BLE001  - as above
                complain(problem)
            raise
        try:
            leave(token, None, result)
        except Exception as problem:  # noqa: BLE001  - as above
            complain(problem)
        return result

    return call


def _disguised(function: Any, original: Any) -> Any:
    """The same function as if it stood where the original does: all of it on that one's first line."""
    like = getattr(original, "__code__", None)
    if like is None:
        return function
    code = function.__code__.replace(
        co_filename=like.co_filename,
        co_name=like.co_name,
        co_qualname=like.co_qualname,
        co_firstlineno=like.co_firstlineno,
        co_linetable=_one_line(len(function.__code__.co_code) // 2),
    )
    return FunctionType(code, original.__globals__, original.__name__, None, function.__closure__)


def _one_line(units: int) -> bytes:
    """A table of locations which has all instructions on the first line: Objects/locations.md of CPython."""
    whole, rest = divmod(units, 8)
    no_columns = 0x80 | 13 << 3
    return bytes((no_columns | 7, 0)) * whole + (bytes((no_columns | rest - 1, 0)) if rest else b"")
