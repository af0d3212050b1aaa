"""A request that an application answers right now."""

import sys
from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache
from types import FrameType
from typing import Any, Protocol
from weakref import WeakSet

from greenroom.model.interface import Interface
from greenroom.record.around import Arounds
from greenroom.record.loaded_libraries import LoadedLibraries
from greenroom.record.marks import Mark
from greenroom.record.sensor import RunningTest

_SERVERS = (
    "uvicorn.", "hypercorn.", "daphne.", "granian.", "gunicorn.", "waitress.", "werkzeug.serving", "wsgiref.",
    "django.core.servers.", "cheroot.", "aiohttp.web_protocol", "eventlet.wsgi", "gevent.pywsgi", "socketserver",
)  # fmt: skip
"""Modules that are on the stack where a request came over a socket."""
_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "dispatch", "dispatch_request")
_MOST = 50
"""Functions on the way of one request that are kept."""
_RUNNERS = ("_pytest.", "unittest.case")
"""Modules that are on the stack where a test itself called: what is further out has nothing to do with it."""


class Request:
    """What is known of it so far."""

    __slots__ = (
        "before", "endpoint", "failure", "handler", "interface", "is_open", "method", "prefix", "reached", "route", "status",
        "test",
    )  # fmt: skip

    def __init__(self, method: str, interface: Interface, test: RunningTest | None) -> None:
        self.method = method
        self.interface = interface
        self.test = test
        self.prefix = ""
        self.route = ""
        self.status = 0
        self.failure = ""
        self.endpoint: Any = None
        """What the framework says it belongs to: a function, or a class with one for each method."""
        self.reached: list[tuple[str, Mark]] = []
        """The functions of the project that it came to, middleware before the handler, with their files."""
        self.handler: tuple[str, Mark] | None = None
        """Of these, the one that answers; the first, where none is known to."""
        self.is_open = True
        self.before: Request | None = None

    def reach(self, file: str, mark: Mark) -> None:
        """It has come to a function of the project."""
        if len(self.reached) < _MOST:
            self.reached.append((file, mark))
        self.handler = self.handler or (file, mark)

    def settle(self) -> None:
        """Name as its handler what the framework says, where it has come so far."""
        if self.endpoint is None or not self.reached:
            return
        answering = {beginning for each in _functions(self.endpoint) for beginning in beginnings(each)}
        self.handler = next(
            ((file, mark) for file, mark in self.reached if (file, mark.line) in answering), self.handler
        )


class Requests(Protocol):
    """Where requests are noted."""

    def begin(self, method: str, interface: Interface) -> Request | None:
        """An application begins to answer; None where this is of no interest."""
        ...

    def end(self, request: Request) -> None:
        """It has answered, or failed."""
        ...


class Framework(Protocol):
    """One web framework."""

    def prepare(self, requests: Requests, arounds: Arounds, libraries: LoadedLibraries) -> None:
        """Say what is to be patched once it is loaded."""
        ...

    def routes(self, file: str, line: int) -> set[tuple[str, str]]:
        """Method and path of the routes which the function that begins there answers."""
        ...


class Made:
    """The applications of a framework, from when they are made: a handler may be called before any of them is asked."""

    def __init__(self) -> None:
        self._made: WeakSet[Any] = WeakSet()

    def watch(self, owner: type, arounds: Arounds) -> None:
        """Notice each that is made."""
        arounds.notice(owner, "__init__", self.add)

    def add(self, application: Any) -> None:
        """One of them; None where the method was looked up on the class."""
        if application is not None:
            self._made.add(application)

    def __iter__(self) -> Iterator[Any]:
        return iter(tuple(self._made) if self._made else ())


CURRENT: ContextVar[Request | None] = ContextVar("greenroom_request", default=None)


def current() -> Request | None:
    """The request that is being answered here."""
    request = CURRENT.get()
    return request if request is not None and request.is_open else None


def interface_here(depth: int) -> Interface:
    """Whether a server is on the stack."""
    frame: FrameType | None = sys._getframe(depth + 1)  # noqa: SLF001  - there is no other way
    while frame is not None:
        found = _interface_of(str(frame.f_globals.get("__name__", "")))
        if found is not None:
            return found
        frame = frame.f_back
    return Interface.IN_PROCESS


@cache
def _interface_of(module: str) -> Interface | None:
    """What a frame of this module says; asked of each frame of each request."""
    if module.startswith(_SERVERS):
        return Interface.REAL
    return Interface.IN_PROCESS if module.startswith(_RUNNERS) else None


def _functions(endpoint: Any) -> Iterator[Any]:
    """A function, and of a view that is a class its methods for requests."""
    yield endpoint
    kind = getattr(endpoint, "view_class", None) or getattr(endpoint, "cls", None) or endpoint
    if isinstance(kind, type):
        yield from (getattr(kind, name) for name in _METHODS if hasattr(kind, name))


def begins_at(function: Any, file: str, line: int) -> bool:
    """Whether this is the function that begins there, below what decorators put around it."""
    return any(each == (file, line) for each in beginnings(function))


def beginnings(function: Any) -> Iterator[tuple[str, int]]:
    """File and line where a function begins, and those below what decorators put around it."""
    for _ in range(10):
        code = getattr(function, "__code__", None)
        if code is not None:
            yield code.co_filename, code.co_firstlineno
        function = getattr(function, "__wrapped__", None) or getattr(function, "func", None)
        if function is None:
            return


def spelled(kind: type[BaseException]) -> str:
    """The type of an exception with its module."""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
