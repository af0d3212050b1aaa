"""Flask."""

import sys
from types import ModuleType
from typing import Any

from greenroom.record.around import Arounds
from greenroom.record.frameworks.request import (
    CURRENT,
    Made,
    Requests,
    begins_at,
    current,
    interface_here,
    spelled,
)
from greenroom.record.loaded_libraries import LoadedLibraries


class Flask:
    """Stands around the application, its dispatch, and its last resort."""

    def __init__(self) -> None:
        self._applications = Made()

    def prepare(self, requests: Requests, arounds: Arounds, libraries: LoadedLibraries) -> None:
        """All three stand in one class."""

        def treat(module: ModuleType) -> bool:
            owner = getattr(module, "Flask", None)
            if owner is None:
                return False
            self._applications.watch(owner, arounds)
            arounds.put(owner, "__call__", _Answering(requests, self._applications))
            arounds.put(owner, "full_dispatch_request", _Dispatching())
            arounds.put(owner, "handle_exception", _Failing())
            return True

        libraries.once_loaded("flask.app", treat)

    def routes(self, file: str, line: int) -> set[tuple[str, str]]:
        """The rules whose view begins there."""
        return {
            (method, rule.rule)
            for application in self._applications
            if "url_map" in vars(application)
            for rule in application.url_map.iter_rules()
            if begins_at(application.view_functions.get(rule.endpoint), file, line)
            for method in rule.methods - {"HEAD", "OPTIONS"}
        }


class _Answering:
    def __init__(self, requests: Requests, applications: Made) -> None:
        self._requests = requests
        self._applications = applications

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> tuple[Any, tuple[Any, ...]] | None:
        if len(args) != 3 or words or current() is not None:
            return None
        application, environment, start_response = args
        self._applications.add(application)
        request = self._requests.begin(environment.get("REQUEST_METHOD", ""), interface_here(3))
        if request is None:
            return None

        def start(status: str, *rest: Any, **more: Any) -> Any:
            request.status = int(status[:3])
            return start_response(status, *rest, **more)

        return request, (application, environment, start)

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:  # noqa: ARG002
        if error is not None:
            token.failure = spelled(type(error))
        self._requests.end(token)


class _Dispatching:
    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> None:  # noqa: ARG002
        request = CURRENT.get()
        rule = sys.modules["flask.globals"].request.url_rule
        if request is not None and rule is not None:
            request.route = str(rule.rule)
            request.endpoint = args[0].view_functions.get(rule.endpoint)

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        """Never called."""


class _Failing:
    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> None:
        request = CURRENT.get()
        error = args[-1] if len(args) > 1 else words.get("e")
        if request is not None and isinstance(error, BaseException):
            request.failure = spelled(type(error))

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        """Never called."""
