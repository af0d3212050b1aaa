"""Which routes the suite's requests name."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple
from urllib.parse import urlsplit

from greenroom.model.route import Route
from greenroom.project.calls.graph import CallGraph
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, last_name
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.web.call_sites import CallSites, SitesFromTests
from greenroom.project.web.evaluation import Evaluation
from greenroom.project.web.named_routes import NAMING, Name, NamedRoutes, names_of
from greenroom.project.web.part_clients import PartClients
from greenroom.project.web.sites import argument, calling
from greenroom.project.web.thing import Context

_VERBS = {verb: verb.upper() for verb in ("get", "post", "put", "patch", "delete", "head", "options")}
_ANY_METHOD = {"request": "", "stream": "", "open": "", "generic": ""}
_SOCKETS = ("websocket_connect", "connect", "ws_connect", "create_connection", "aconnect_ws", "connect_ws")
_COMMUNICATORS = {"WebsocketCommunicator": "WEBSOCKET", "HttpCommunicator": ""}
"""Of Django Channels: made of the application and the address."""
_NAMES = (*_VERBS, *_ANY_METHOD, *_SOCKETS, *_COMMUNICATORS)
_ALSO_PLAIN = frozenset((*_SOCKETS, *_COMMUNICATORS))
"""A plain `get(…)` asks anything; `connect(…)` with an address connects."""
_METHODS = frozenset(_VERBS.values())
_LIBRARIES = frozenset({"httpx", "requests", "aiohttp", "urllib3"})
"""By which a client of the project's own routes asks."""
_CLIENT = re.compile(r"client|http|api|session|app", re.IGNORECASE)
_HOLE = "{}"
_REST = "{*}"
_PARAMETER = re.compile(r"[{<(\[]")


class Request(NamedTuple):
    """A request that code of the suite makes, as far as its address can be read."""

    method: str
    """Empty where it is not written."""
    path: str
    """Unknown parts as `{name}`."""
    certain: bool
    """False where the beginning of the path may be missing."""
    scope: Scope
    line: int
    name: Name | None = None
    """Of the route, where that is written instead of a path."""
    homes: frozenset[str] | None = None
    """Of a client that asks one router by itself: the files where that is made, as far as they are known."""
    is_handed_on: bool = False
    """A helper makes it, which is told method and path: what is expected of the answer stands elsewhere."""


class Requests:
    """All requests of the suite, joined with the routes."""

    def __init__(
        self,
        requests: Iterable[Request],
        routes: Sequence[Route],
        named: Iterable[str] = (),
        unread: int = 0,
        through: Iterable[Request] = (),
    ) -> None:
        """Take the requests, the routes, what is named instead of a path, how many addresses could not be read, and own clients' requests."""
        self.named = frozenset(named)
        """Last parts of what is given to `reverse`, `url_for` and `url_path_for`."""
        self._reached: dict[Route, list[Request]] = defaultdict(list)
        by_path, by_name = _RoutesByPlace(routes), NamedRoutes(routes)
        self.through_clients = frozenset(
            route for request in through for route in by_path.match(request) if _serves(route, request.method)
        )
        """Routes that tests come to by calling a client of the project, such as its SDK."""
        made = []
        for request in requests:
            reached = by_path.match(request) if request.name is None else by_name.of(request.name)
            reached = [route for route in reached if _serves(route, request.method)]
            for route in reached:
                self._reached[route].append(request)
            is_whole = request.name is None and request.homes is None
            unread += not is_whole and not reached
            made += [request] if reached or is_whole else []
        self.made = tuple(made)
        self.unread = unread

    def of(self, route: Route) -> tuple[Request, ...]:
        """The requests that this route would serve."""
        return tuple(self._reached.get(route, ()))

    def by_handler(self, modules: Mapping[str, Module]) -> dict[Scope, tuple[Scope, ...]]:
        """The functions of the suite that request the routes of each handler."""
        named: dict[tuple[str, str], dict[Scope, None]] = defaultdict(dict)
        for route, requests in self._reached.items():
            named[route.file, route.symbol].update(dict.fromkeys(request.scope for request in requests))
        return {
            scope: tuple(named[path, scope.qualname])
            for path in dict.fromkeys(path for path, _ in named)
            if path in modules
            for scope in modules[path].scopes
            if scope.is_function and (path, scope.qualname) in named
        }


def find_requests(
    modules: Mapping[str, Module], graph: CallGraph, routes: Sequence[Route], idle: AbstractSet[Scope]
) -> Requests:
    """The requests of test modules through any client, with the routes that would serve them.

    Args:
        modules: all files by relative path.
        graph: by which helpers a path is handed on.
        routes: of the project's applications.
        idle: test functions that nothing runs; what they request does not count.
    """
    tests = [module for module in modules.values() if module.kind is FileKind.TEST]
    evaluation = Evaluation(graph.inference, CallSites(graph, FileKind.TEST))
    parts = PartClients(evaluation, tests)
    found: list[Request] = []
    unread = 0
    for scope in calling(tests, _NAMES):
        if scope not in idle:
            for request in _requests_of(scope, evaluation, parts):
                found.extend([request] if request is not None else ())
                unread += request is None
    through = _through_clients(modules, graph, {route.file for route in routes})
    return Requests(found, routes, _named(tests), unread, through)


def _through_clients(
    modules: Mapping[str, Module], graph: CallGraph, serving: AbstractSet[str]
) -> Iterator[Request]:
    """What clients in production files ask for where tests call them; files that serve routes ask others."""
    clients = [
        module
        for module in modules.values()
        if module.kind is FileKind.PRODUCTION
        and module.path not in serving
        and any(not part.level and part.module.split(".", 1)[0] in _LIBRARIES for part in module.imports)
    ]
    sites = SitesFromTests(graph)
    evaluation = Evaluation(graph.inference, sites)
    parts = PartClients(evaluation, ())
    for scope in calling(clients, _NAMES):
        if sites.counts(scope) and any(map(_is_of_client, scope.body.calls)):
            for request in _requests_of(scope, evaluation, parts):
                if request is not None and request.path.startswith("/"):
                    yield request


def _is_of_client(call: Call) -> bool:
    """`self._http.request(…)`, `requests.get(…)`; most that is called `get` asks a dictionary."""
    receiver = call.callee.rpartition(".")[0] if isinstance(call.callee, str) else ""
    return last_name(call.callee) in _NAMES and (receiver in _LIBRARIES or bool(_CLIENT.search(receiver)))


def _named(tests: Iterable[Module]) -> Iterator[str]:
    for scope in calling(tests, NAMING):
        for call in scope.body.calls:
            given = facts.constant(call.arguments[0]) if call.arguments else None
            if last_name(call.callee) in NAMING and isinstance(given, str):
                yield re.split(r"[:.]", given)[-1]


def _requests_of(scope: Scope, evaluation: Evaluation, parts: PartClients) -> Iterator[Request | None]:
    """The requests of a function, in each way in which it is called; None for one whose address cannot be read."""
    registering = {number for child in scope.children for number in child.decorators}
    for index, call in enumerate(scope.body.calls):
        name = last_name(call.callee)
        if name not in _NAMES or (call.callee == name and name not in _ALSO_PLAIN):
            continue
        if index in registering:
            continue  # `@app.get("/ping")` of an application that the test makes asks nobody
        if _method_and_address(name, call)[1] is not None:
            runs = evaluation.contexts(scope)
            found = [
                one for run in runs for one in _asked(evaluation, parts, run._replace(line=call.line), call)
            ]
            is_named = isinstance(call.callee, str) and _CLIENT.search(call.callee) is not None
            yield from dict.fromkeys(one for one in found if one is not None)
            if is_named and found and not any(found):
                yield None


def _asked(
    evaluation: Evaluation, parts: PartClients, context: Context, call: Call
) -> Iterator[Request | None]:
    """What a call asks for in one run of its function; None for an address that cannot be read."""
    written, address = _method_and_address(last_name(call.callee), call)
    method = written or _spoken(evaluation, context, call)
    scope = context.scope
    names = tuple(names_of(evaluation, context, address))
    for named in names:
        yield Request(method, "", certain=True, scope=scope, line=call.line, name=named)
    texts = () if names else evaluation.texts(context, address)
    if not (texts or names):
        yield None
    homes = parts.homes(context, call)
    for text, certain in texts:
        path = _path_of(text) or (text if homes else "")
        if path:
            sure = (certain or text.startswith(("/", "http"))) and not homes
            handed = method != written
            yield Request(method, path, sure, scope, call.line, homes=homes, is_handed_on=handed)


def _method_and_address(name: str, call: Call) -> tuple[str, Expression]:
    if name in _SOCKETS:
        return "WEBSOCKET", argument(call, 0, "url", "path", "uri")
    if name in _COMMUNICATORS:
        written = facts.constant(argument(call, 1, "method"))
        is_http = isinstance(written, str) and written.upper() in _METHODS
        return (written.upper() if is_http else _COMMUNICATORS[name]), argument(
            call, 2 if is_http else 1, "path"
        )
    if name in _VERBS:
        return _VERBS[name], argument(call, 0, "url", "path")
    written = facts.constant(argument(call, 0, "method"))
    if isinstance(written, str) and written.upper() in _METHODS:
        return written.upper(), argument(call, 1, "url", "path")
    spoken = call.keyword("method")
    method = facts.constant(spoken)
    return (method.upper() if isinstance(method, str) else ""), argument(
        call, 0 if spoken else 1, "url", "path"
    )


def _spoken(evaluation: Evaluation, context: Context, call: Call) -> str:
    """The method that a helper hands on: `self.session.request(method, path)`."""
    if last_name(call.callee) not in _ANY_METHOD:
        return ""
    text = evaluation.text(context, argument(call, 0, "method"))
    return text[0].upper() if text is not None and text[0].upper() in _METHODS else ""


def _path_of(text: str) -> str:
    """The path of an address; empty for what is none."""
    try:
        path = urlsplit(text).path if "//" in text[:12] else text.partition("?")[0].partition("#")[0]
    except ValueError:
        return ""
    return path if path.startswith("/") or "/" in path.strip("/") else ""


class _RoutesByPlace:
    """All routes, and those of single files for clients that ask a part only."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = tuple(routes)
        self._all = _RoutesByLength(self._routes)

    def match(self, request: Request) -> list[Route]:
        """The routes that serve it, those of the part before others."""
        if not request.homes:
            return self._all.match(request)
        near = _RoutesByLength(route for route in self._routes if route.file in request.homes)
        return near.match(request) or self._all.match(request)


class _RoutesByLength:
    """Routes by their number of segments."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_length: dict[int, list[tuple[tuple[str, ...], Route]]] = defaultdict(list)
        self._open_ended: list[tuple[tuple[str, ...], Route]] = []
        for route in routes:
            segments = _segments(route.path)
            if segments[-1:] == (_REST,):
                self._open_ended.append((segments, route))
            else:
                self._by_length[len(segments)].append((segments, route))

    def match(self, request: Request) -> list[Route]:
        """The most specific routes that serve it; without its prefix, those whose end it names."""
        segments = _segments(request.path)
        fitting = [
            (specificity, route)
            for pattern, route in self._by_length[len(segments)]
            if (specificity := _fits(pattern, segments)) and _serves(route, request.method)
        ]
        if not fitting:
            fitting = self._by_prefix(segments, request.method)
        if not fitting and not request.certain and _is_telling(segments):
            fitting = self._by_end(segments, request.method)
        best = max((specificity for specificity, _ in fitting), default=0)
        return [route for specificity, route in fitting if specificity == best]

    def _by_prefix(self, segments: tuple[str, ...], method: str) -> list[tuple[int, Route]]:
        """`/files/{path:path}`, but not a route that takes everything."""
        return [
            (specificity, route)
            for pattern, route in self._open_ended
            if len(pattern) > 1
            and len(segments) >= len(pattern)
            and (specificity := _fits(pattern[:-1], segments[: len(pattern) - 1]))
            and _serves(route, method)
        ]

    def _by_end(self, segments: tuple[str, ...], method: str) -> list[tuple[int, Route]]:
        return [
            (specificity, route)
            for length, listed in self._by_length.items()
            if length > len(segments)
            for pattern, route in listed
            if (specificity := _fits(pattern[-len(segments) :], segments)) and _serves(route, method)
        ]


def _segments(path: str) -> tuple[str, ...]:
    found = []
    for part in path.strip("/").split("/"):
        if re.search(r":path\}|<path:|\.\*|\{\w+\.\.\.\}", part):
            found.append(_REST)
            break
        found.append(_HOLE if _PARAMETER.search(part) else part)
    return tuple(found)


def _fits(pattern: tuple[str, ...], segments: tuple[str, ...]) -> int:
    """How specific the match is: literals count more than parameters; 0: no match."""
    score = 1
    for expected, given in zip(pattern, segments, strict=True):
        if expected == given:
            score += 1 if expected == _HOLE else 3
        elif expected != _HOLE or not given:
            return 0
        else:
            score += 1
    return score


def _is_telling(segments: tuple[str, ...]) -> bool:
    return any(segment != _HOLE for segment in segments)


def _serves(route: Route, method: str) -> bool:
    if (route.method == "WEBSOCKET") != (method == "WEBSOCKET"):
        return False
    return not method or route.method in ("*", method) or (method == "HEAD" and route.method == "GET")
