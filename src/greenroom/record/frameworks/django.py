"""Django."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from greenroom.project.web.regex_paths import simplified
from greenroom.record.around import Arounds
from greenroom.record.frameworks.request import (
    CURRENT,
    Requests,
    beginnings,
    current,
    interface_here,
    spelled,
)
from greenroom.record.loaded_libraries import LoadedLibraries


class Django:
    """Stands around the handler of requests, and around what makes a 500 of an exception."""

    def __init__(self) -> None:
        self._is_loaded = False
        self._patterns: Any = None
        """Whose routes are known: a large project has a thousand, and most tests come to some function that answers."""
        self._routes: dict[tuple[str, int], set[tuple[str, str]]] = {}

    def prepare(self, requests: Requests, arounds: Arounds, libraries: LoadedLibraries) -> None:
        """The same handler is behind WSGI, ASGI and the test client."""

        def handlers(module: ModuleType) -> bool:
            owner = getattr(module, "BaseHandler", None)
            if owner is None:
                return False
            self._is_loaded = True
            for name in ("get_response", "get_response_async"):
                arounds.put(owner, name, _Answering(requests))
            return True

        def exceptions(module: ModuleType) -> bool:
            arounds.put(module, "handle_uncaught_exception", _Failing())
            return hasattr(module, "handle_uncaught_exception")

        libraries.once_loaded("django.core.handlers.base", handlers)
        libraries.once_loaded("django.core.handlers.exception", exceptions)

    def routes(self, file: str, line: int) -> set[tuple[str, str]]:
        """The patterns whose view begins there; Django does not say for which method."""
        urls = sys.modules.get("django.urls")
        if not self._is_loaded or urls is None:
            return set()
        patterns = urls.get_resolver().url_patterns
        if patterns is not self._patterns:  # others, where a test has set other urls
            self._routes, self._patterns = _by_beginning(patterns), patterns
        return self._routes.get((file, line), set())


class _Answering:
    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> tuple[Any, tuple[Any, ...]] | None:
        if len(args) != 2 or words or current() is not None:
            return None
        request = self._requests.begin(str(args[1].method), interface_here(3))
        return None if request is None else ((request, args[1]), args)

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        request, asked = token
        match = getattr(asked, "resolver_match", None)
        request.endpoint = getattr(match, "func", None)
        if match is not None and match.route is not None:
            request.route = _path(str(match.route))
        request.status = int(getattr(result, "status_code", 0))
        if error is not None:
            request.failure = spelled(type(error))
        self._requests.end(request)


class _Failing:
    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> None:
        request = CURRENT.get()
        kind = (args[2] if len(args) > 2 else words["exc_info"])[0]
        if request is not None:
            request.failure = spelled(kind)

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        """Never called."""


def _handlers(view: Any) -> Iterator[tuple[str, Any]]:
    """The function for all methods, or those that a class has for each."""
    yield "*", view
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    for name in getattr(kind, "http_method_names", ()):
        if name != "head" and hasattr(kind, name):
            yield name.upper(), getattr(kind, name)


def _path(route: str) -> str:
    """As the audit spells it: with a slash in front, and a group of a regular expression as `<name>`."""
    if "^" in route or "(?P" in route:
        route = "".join(simplified(part) for part in route.split("^"))
    return "/" + route.lstrip("/")


def _by_beginning(patterns: Any) -> dict[tuple[str, int], set[tuple[str, str]]]:
    """Methods and paths, by file and line of what answers them."""
    found: dict[tuple[str, int], set[tuple[str, str]]] = defaultdict(set)
    for pattern, view in _walk(patterns, ""):
        path = _path(pattern)
        for method, function in _handlers(view):
            for beginning in beginnings(function):
                found[beginning].add((method, path))
    return dict(found)


def _walk(patterns: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield path, pattern.callback
