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
_RUNNERS = ("_pytest.", "unittest.case")
"""Modules that are on the stack where a test itself called: what is further out has nothing to do with it."""


class Request:
    """What is known of it so far."""

    __slots__ = (
        "before", "failure", "handler", "interface", "is_open", "method", "prefix", "route", "status", "test"
    )  # fmt: skip

    def __init__(self, method: str, interface: Interface, test: RunningTest | None) -> None:
        self.method = method
        self.interface = interface
        self.test = test
        self.prefix = ""
        self.route = ""
        self.status = 0
        self.failure = ""
        self.handler: tuple[str, Mark] | None = None
        """The file and the function of the project that answers."""
        self.is_open = True
        self.before: Request | None = None


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
        return iter(tuple(self._made))


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


def begins_at(function: Any, file: str, line: int) -> bool:
    """Whether this is the function that begins there, below what decorators put around it."""
    for _ in range(10):
        code = getattr(function, "__code__", None)
        if code is not None and code.co_firstlineno == line and code.co_filename == file:
            return True
        inner = getattr(function, "__wrapped__", None) or getattr(function, "func", None)
        if inner is None:
            return False
        function = inner
    return False


def spelled(kind: type[BaseException]) -> str:
    """The type of an exception with its module."""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
