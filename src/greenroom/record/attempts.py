"""How attempts to connect a plain socket end: the interpreter says only that one begins."""

import errno
import os
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, Generic, TypeVar
from weakref import ref

from greenroom.record.around import Arounds
from greenroom.record.loaded_libraries import LoadedLibraries
from greenroom.record.replaced import Replaced

_CONNECTED = frozenset({0, errno.EISCONN})
_GOES_ON = frozenset({errno.EINPROGRESS, errno.EALREADY, errno.EAGAIN, errno.EINTR})


_Known = TypeVar("_Known")


class Attempts(Generic[_Known]):
    """What is known of each attempt waits here until it has ended; what fails is told with its failure."""

    def __init__(self, tell: Callable[[_Known, str], None]) -> None:
        """Take what is told of each that has ended: what was known of it, and the type of its failure or nothing."""
        self._tell = tell
        self._replaced = Replaced()
        self._going_on: dict[int, tuple[Callable[[], Any], _Known]] = {}

    def install(self, arounds: Arounds, libraries: LoadedLibraries) -> None:
        """Stand around what connects: of sockets that wait, and of those that the standard loop waits for."""

        def sockets(module: ModuleType) -> bool:
            owner = getattr(module, "socket", None)
            if owner is not None:
                self._replaced.put(owner, "connect", partial(_around, self._connecting))
                self._replaced.put(owner, "connect_ex", partial(_around, self._connecting_ex))
            return owner is not None

        def loops(module: ModuleType) -> bool:
            owner = getattr(module, "BaseSelectorEventLoop", None)
            if owner is not None:
                arounds.put(owner, "sock_connect", _Waiting(self))
            return owner is not None

        libraries.once_loaded("socket", sockets)
        libraries.once_loaded("asyncio.selector_events", loops)

    def uninstall(self) -> None:
        """Put everything back."""
        self._replaced.undo()

    def begin(self, socket: Any, known: _Known) -> None:
        """One begins."""
        try:
            reference: Callable[[], Any] = ref(socket)
        except TypeError:
            reference = _nobody
        self._going_on[id(socket)] = reference, known

    def end(self, socket: Any, failure: str) -> None:
        """It has come to its end; nothing is told of one that did not begin here."""
        found = self._going_on.pop(id(socket), None)
        if found is not None:
            self._tell(found[1], failure)

    def settle(self) -> None:
        """A test ends: of those whose end nobody saw, all but what waits for its connection even now came about."""
        going_on, self._going_on = self._going_on, {}
        for reference, known in going_on.values():
            if not _waits(reference()):
                self._tell(known, "")

    def _connecting(self, original: Any, socket: Any, *rest: Any) -> Any:
        __tracebackhide__ = True
        try:
            result = original(socket, *rest)
        except BaseException as error:
            if getattr(error, "errno", None) not in _GOES_ON:
                self.end(socket, spelled(error))
            raise
        self.end(socket, "")
        return result

    def _connecting_ex(self, original: Any, socket: Any, *rest: Any) -> Any:
        __tracebackhide__ = True
        number = original(socket, *rest)
        if number in _CONNECTED:
            self.end(socket, "")
        elif number not in _GOES_ON:
            self.end(socket, spelled(OSError(number, os.strerror(number))))
        return number


class _Waiting:
    """The loop waits until a socket is connected."""

    def __init__(self, attempts: Attempts[Any]) -> None:
        self._attempts = attempts

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
        return (args[1] if len(args) > 1 else words["sock"]), args

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:  # noqa: ARG002
        self._attempts.end(token, "" if error is None else spelled(error))


def spelled(error: BaseException) -> str:
    """The type of an exception with its module."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _around(watching: Callable[..., Any], original: Any) -> Any:
    def connect(*args: Any, **words: Any) -> Any:
        __tracebackhide__ = True
        if words or not args:
            return original(*args, **words)  # as it refuses it
        return watching(original, *args)

    for attribute in ("__name__", "__qualname__", "__doc__"):
        setattr(connect, attribute, getattr(original, attribute))
    connect.__wrapped__ = original  # type: ignore[attr-defined]
    return connect


def _waits(socket: Any) -> bool:
    """Whether it is open and not connected."""
    if socket is None or socket.fileno() == -1:
        return False
    try:
        socket.getpeername()
    except OSError:
        return True
    return False


def _nobody() -> None:
    """Stands for a reference to what cannot be referred to."""
