"""aiohttp's server side."""

from types import ModuleType
from typing import Any
from weakref import WeakSet

from greenroom.model.interface import Interface
from greenroom.record.around import Arounds
from greenroom.record.frameworks.request import Made, Requests, begins_at, current, spelled
from greenroom.record.loaded_libraries import LoadedLibraries


class Aiohttp:
    """Stands around the application; what `aiohttp.test_utils` has started counts as in process, as in the audit."""

    def __init__(self) -> None:
        self._applications = Made()
        self._for_tests: WeakSet[Any] = WeakSet()

    def prepare(self, requests: Requests, arounds: Arounds, libraries: LoadedLibraries) -> None:
        """The application is one class, the servers for tests another."""

        def applications(module: ModuleType) -> bool:
            owner = getattr(module, "Application", None)
            if owner is not None:
                self._applications.watch(owner, arounds)
                arounds.put(owner, "_handle", _Answering(requests, self._applications, self._for_tests))
            return owner is not None

        def servers(module: ModuleType) -> bool:
            owner = getattr(module, "BaseTestServer", None)
            if owner is not None:
                arounds.put(owner, "start_server", _Starting(self._for_tests))
            return owner is not None

        libraries.once_loaded("aiohttp.web_app", applications)
        libraries.once_loaded("aiohttp.test_utils", servers)

    def routes(self, file: str, line: int) -> set[tuple[str, str]]:
        """The routes whose handler begins there."""
        return {
            (route.method, route.resource.canonical)
            for application in self._applications
            if hasattr(application, "router")
            for route in application.router.routes()
            if route.resource is not None and route.method != "HEAD" and begins_at(route.handler, file, line)
        }


class _Answering:
    def __init__(self, requests: Requests, applications: Made, for_tests: "WeakSet[Any]") -> None:
        self._requests = requests
        self._applications = applications
        self._for_tests = for_tests

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> tuple[Any, tuple[Any, ...]] | None:  # noqa: ARG002
        application, asked = args[:2]
        self._applications.add(application)
        if current() is not None:
            return None
        server = getattr(getattr(asked, "protocol", None), "_manager", None)
        is_test = server is None or server in self._for_tests
        request = self._requests.begin(asked.method, Interface.IN_PROCESS if is_test else Interface.REAL)
        return None if request is None else ((request, asked), args)

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        request, asked = token
        route = getattr(getattr(asked, "match_info", None), "route", None)
        request.endpoint = getattr(route, "handler", None)
        request.route = str(getattr(getattr(route, "resource", None), "canonical", "") or "")
        answer: Any = result if error is None else error
        if type(answer).__name__ == "WebSocketResponse":
            request.method, request.status = "WEBSOCKET", int(answer.close_code or 0)
        else:
            request.status = int(getattr(answer, "status", 500))
        if error is not None and not hasattr(error, "status"):
            request.failure = spelled(type(error))
        self._requests.end(request)


class _Starting:
    def __init__(self, for_tests: "WeakSet[Any]") -> None:
        self._for_tests = for_tests

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:  # noqa: ARG002
        return args[0], args

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:  # noqa: ARG002
        server = getattr(getattr(token, "runner", None), "server", None)
        if server is not None:
            self._for_tests.add(server)
