"""Starlette and FastAPI."""

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from greenroom.record.around import Arounds
from greenroom.record.frameworks.request import (
    CURRENT,
    Made,
    Request,
    Requests,
    begins_at,
    current,
    interface_here,
    spelled,
)
from greenroom.record.loaded_libraries import LoadedLibraries

_LEAVES = (
    ("starlette.routing", "Route"),
    ("starlette.routing", "WebSocketRoute"),
    ("fastapi.routing", "APIRoute"),
    ("fastapi.routing", "APIWebSocketRoute"),
)


class Starlette:
    """Stands around the applications and their routes."""

    def __init__(self) -> None:
        self._applications = Made()

    def prepare(self, requests: Requests, arounds: Arounds, libraries: LoadedLibraries) -> None:
        """Applications answer; routes and mounts say on which path."""

        def applications(module: ModuleType) -> bool:
            owner = getattr(module, "Starlette", None)
            if owner is not None:
                self._applications.watch(owner, arounds)
                arounds.put(owner, "__call__", _Answering(requests, self._applications))
            return owner is not None

        def of_fastapi(module: ModuleType) -> bool:
            owner = getattr(module, "FastAPI", None)
            if owner is not None:
                self._applications.watch(owner, arounds)
            return owner is not None

        libraries.once_loaded("starlette.applications", applications)
        libraries.once_loaded("fastapi.applications", of_fastapi)
        for module, name in _LEAVES:
            libraries.once_loaded(module, _AtRoutes(name, arounds, _Leaf()))
        libraries.once_loaded("starlette.routing", _AtRoutes("Mount", arounds, _Mounted()))

    def routes(self, file: str, line: int) -> set[tuple[str, str]]:
        """All routes of all applications are looked through."""
        return {
            (method, path)
            for application in self._applications
            for method, path, endpoint in _walk(getattr(application, "routes", ()), "")
            if begins_at(endpoint, file, line)
        }


class _Answering:
    def __init__(self, requests: Requests, applications: Made) -> None:
        self._requests = requests
        self._applications = applications

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> tuple[Any, tuple[Any, ...]] | None:
        if len(args) < 4 or words:
            return None
        application, scope, receive, send, *rest = args
        self._applications.add(application)
        if scope["type"] not in ("http", "websocket") or current() is not None:
            return None
        method = scope["method"] if scope["type"] == "http" else "WEBSOCKET"
        request = self._requests.begin(method, interface_here(3))
        if request is None:
            return None
        return request, (application, scope, _listening(receive, request), _telling(send, request), *rest)

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:  # noqa: ARG002
        if error is not None:
            token.failure = spelled(type(error))
        self._requests.end(token)


def _telling(send: Any, request: Request) -> Any:
    async def tell(message: Any) -> None:
        kind = message.get("type")
        if kind in ("http.response.start", "websocket.http.response.start"):
            request.status = message.get("status", 0)
        elif kind == "websocket.close":
            request.status = message.get("code", 1000)
        await send(message)

    return tell


def _listening(receive: Any, request: Request) -> Any:
    if request.method != "WEBSOCKET":
        return receive

    async def listen() -> Any:
        message = await receive()
        if message.get("type") == "websocket.disconnect" and not request.status:
            request.status = message.get("code", 0) or 0
        return message

    return listen


class _AtRoutes:
    def __init__(self, name: str, arounds: Arounds, watcher: Any) -> None:
        self._name, self._arounds, self._watcher = name, arounds, watcher

    def __call__(self, module: ModuleType) -> bool:
        owner = getattr(module, self._name, None)
        if owner is not None:
            self._arounds.put(owner, "handle", self._watcher)
        return owner is not None


class _Leaf:
    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> None:  # noqa: ARG002
        request = CURRENT.get()
        if request is not None and not request.route:
            request.route = request.prefix + _path(args[0], args[1])
            request.endpoint = getattr(args[0], "endpoint", None)

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        """Never called."""


class _Mounted:
    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> None:  # noqa: ARG002
        request = CURRENT.get()
        if request is not None:
            request.prefix += args[0].path

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        """Never called."""


def _path(route: Any, scope: Any) -> str:
    """As newer versions of FastAPI include routers, a route knows its path without their prefixes only."""
    told = getattr(sys.modules.get("fastapi.routing"), "_get_scope_effective_route_context", None)
    context = told(scope) if told is not None else None
    if context is not None and context.original_route is route:
        return str(context.path or getattr(context.starlette_route, "path", "") or route.path)
    return str(route.path)


def _walk(routes: Any, prefix: str) -> Iterator[tuple[str, str, Any]]:
    for route in routes:
        contexts = getattr(route, "effective_route_contexts", None)
        for each in contexts() if contexts is not None else (route,):
            inner = getattr(each, "starlette_route", None) or each
            path = prefix + str(getattr(inner, "path", "") or getattr(each, "path", ""))
            endpoint = getattr(inner, "endpoint", None)
            if endpoint is None:
                yield from _walk(getattr(inner, "routes", None) or (), path)
                continue
            methods = getattr(each, "methods", None) or getattr(inner, "methods", None) or {"WEBSOCKET"}
            for method in methods - {"HEAD"} or methods:
                yield method, path, endpoint
