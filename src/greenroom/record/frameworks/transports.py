"""Clients that ask an application in their own process, whatever it is made with."""

from types import ModuleType
from typing import Any

from greenroom.model.interface import Interface
from greenroom.record.around import Arounds
from greenroom.record.frameworks.request import Requests, current, spelled
from greenroom.record.loaded_libraries import LoadedLibraries
from greenroom.record.marks import ENDPOINT, Mark

_TRANSPORTS = (
    ("httpx._transports.asgi", "ASGITransport", "handle_async_request"),
    ("httpx._transports.wsgi", "WSGITransport", "handle_request"),
    ("starlette.testclient", "_TestClientTransport", "handle_request"),
)
_KNOWN = ("starlette.", "fastapi.", "flask.", "django.", "aiohttp.")
"""Frameworks that tell more of a request by themselves."""


class Transports:
    """Stands around the transports of HTTP clients that call the application."""

    def prepare(self, requests: Requests, arounds: Arounds, libraries: LoadedLibraries) -> None:
        """Each is a method of a class."""
        for module, name, method in _TRANSPORTS:
            libraries.once_loaded(module, _At(name, method, arounds, _Asking(requests)))

    def routes(self, file: str, line: int) -> set[tuple[str, str]]:  # noqa: ARG002
        """None that could be known."""
        return set()


class _At:
    def __init__(self, name: str, method: str, arounds: Arounds, watcher: "_Asking") -> None:
        self._name, self._method, self._arounds, self._watcher = name, method, arounds, watcher

    def __call__(self, module: ModuleType) -> bool:
        owner = getattr(module, self._name, None)
        if owner is not None:
            self._arounds.put(owner, self._method, self._watcher)
        return owner is not None


def _home(application: Any) -> tuple[str, Mark] | None:
    """Where the application itself is written, be it a function or an object that can be called."""
    code = getattr(application, "__code__", None) or getattr(
        vars(type(application)).get("__call__"), "__code__", None
    )
    if code is None:
        return None
    symbol = code.co_qualname.replace(".<locals>", "")
    return code.co_filename, Mark(ENDPOINT, code.co_firstlineno, 1, symbol)


class _Asking:
    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> tuple[Any, tuple[Any, ...]] | None:
        if len(args) != 2 or words or current() is not None:
            return None
        transport, asked = args
        application = getattr(transport, "app", None)
        kinds = type(application).__mro__
        if any(kind.__module__.startswith(_KNOWN) for kind in kinds) or asked.url.scheme in ("ws", "wss"):
            return None
        request = self._requests.begin(asked.method, Interface.IN_PROCESS)
        return None if request is None else ((request, application), args)

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        request, application = token
        request.handler = request.handler or _home(application)
        request.status = int(getattr(result, "status_code", 0))
        if error is not None:
            request.failure = spelled(type(error))
        self._requests.end(request)
