"""WSK005: a socket that lets anybody in, in an application that asks over HTTP."""

import re
from collections.abc import Iterator

from greenroom.catalogue.websocket.talks_to_itself import talks_to_itself
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.web.authentication import Authentication

_CHANNELS = "channels"
_SECRET_IN_PATH = re.compile(r"[{<][^}>]*(?:token|secret|key|signature)[^}>]*[}>]", re.IGNORECASE)
"""Who knows such an address was given it."""
_FEWEST = 3
"""Routes that ask, before we believe that the application wants to know who is there."""
_SHARE = 1 / 2
"""Of the routes that must ask: an application that is open to anybody may have an open socket, too."""

_NEARLY_ALL = 0.8
"""Of them, where none stands near the socket."""
_OF_INTERFACE = re.compile(r"[{<].*|(?:api|rest|ws|wss|sockets?|websockets?|v\d+)", re.IGNORECASE)

_OF_USERS = re.compile(
    r"(?:^|/)(?:users?|accounts?|me|profiles?|admins?|auth|tokens?|api-?keys?)(?:/|$)", re.IGNORECASE
)
"""Routes by which people and rights are looked after."""


def detect_unauthenticated_sockets(project: Project) -> Iterator[Sighting]:
    """Every socket without any sign of a check, where routes of the same application have one."""
    checks = Authentication(project.modules, project.graph)
    sockets = [route for route in project.routes if route.application and _is_socket(checks, route)]
    for socket in sockets:
        if socket.framework == _CHANNELS and _has_middleware(project):
            continue
        beside = [route for route in project.routes if _are_together(route, socket) and route not in sockets]
        asking = [route for route in beside if checks.surely(route)]
        if len(asking) >= _FEWEST and not checks.any_sign(socket):
            yield Sighting(
                place=Place(path=socket.file, line=socket.line, symbol=socket.symbol),
                message=f"the socket `{socket.path}` asks nobody who they are; {len(asking)} routes of the same "
                f"application do, by `{checks.surely(asking[0])[0]}` for one",
                severity=Severity.HIGH,
                confidence=_confidence(project, checks, socket, _is_guarded(socket, beside, asking)),
                sites=(Place(path=asking[0].file, line=asking[0].line, symbol=asking[0].symbol),),
                subject=socket.path,
            )


def _is_guarded(socket: Route, beside: list[Route], asking: list[Route]) -> bool:
    """Whether those who come to the socket are asked elsewhere: by the routes of its file or area, or by nearly all there are."""
    near = [route for route in beside if route.file == socket.file or _area(route) == _area(socket)]
    share = _share(beside, asking)
    return share >= (_NEARLY_ALL if not near else _SHARE) and (not near or _share(near, asking) >= _SHARE)


def _area(route: Route) -> str:
    """The first word of its path that is none of the interface's own: `orders` of `/api/v1/orders/live`."""
    words = (part for part in route.path.split("/") if part and not _OF_INTERFACE.fullmatch(part))
    return next(words, route.path)


def _share(routes: list[Route], asking: list[Route]) -> float:
    """The share that asks, of all routes or of those that are read: a socket hands out what they do.

    Who looks after users is asked in any application: that says nothing of what it hands out.
    """
    beside = [route for route in routes if not _OF_USERS.search(route.path)]
    asking = [route for route in asking if route in beside]
    if not beside:
        return 0.0
    read = [route for route in beside if route.method in ("GET", "*")]
    of_read = sum(route in asking for route in read) / len(read) if read else 1.0
    return min(of_read, len(asking) / len(beside))


def _confidence(
    project: Project,
    checks: Authentication,
    socket: Route,
    is_guarded: bool,  # noqa: FBT001  - what was found of it
) -> Confidence:
    """Possible where what is beside it is open to anybody, where nothing starts the application, and where nothing is behind the socket."""
    handler = checks.handler(socket)
    harmless = (
        not is_guarded
        or socket.application in project.idle_applications
        or _SECRET_IN_PATH.search(socket.path) is not None
        or (handler is not None and (talks_to_itself(handler) or not _has_something_behind(project, handler)))
    )
    return Confidence.POSSIBLE if harmless else Confidence.PROBABLE


def _has_something_behind(project: Project, handler: Scope) -> bool:
    """Whether it comes to other code of the project, or to a store; a class of Channels has what all of them share."""
    return handler.kind == "class" or any(
        edge.target is not None or (edge.effect is not None and edge.effect.is_remote)
        for edge in project.graph.edges(handler)
    )


def _is_socket(checks: Authentication, route: Route) -> bool:
    """A route of sockets, or a handler of aiohttp that answers with one."""
    if route.method == "WEBSOCKET" or route.framework != "aiohttp":
        return route.method == "WEBSOCKET"
    handler = checks.handler(route)
    return handler is not None and "WebSocketResponse" in handler.facts.called


def _are_together(route: Route, socket: Route) -> bool:
    """Of one application; Channels' sockets stand beside all that Django serves."""
    if socket.framework == _CHANNELS:
        return route.framework == "django" and bool(route.application)
    return route.application == socket.application


def _has_middleware(project: Project) -> bool:
    """Whether something of the project may stand around its consumers and turn people away."""
    return any(
        scope.kind == "class"
        and any(
            child.name == "__call__" and any(part.name == "scope" for part in child.parameters)
            for child in scope.children
        )
        for module in project.production()
        for scope in module.scopes
    )


MODE = FailureMode(
    code="WSK005",
    name="unauthenticated-socket",
    family=Family.WEBSOCKET,
    summary="a WebSocket accepts anybody, in an application whose routes ask who is there",
    consequence="whoever knows the address reads what others are sent, and sends in their name",
    remedy="check a token or the session before `accept`, and close with code 1008 where it is not valid",
    source="OWASP WebSocket Security Cheat Sheet: Authentication; RFC 6455, section 10.5",
    detector=detect_unauthenticated_sockets,
    surest=Confidence.PROBABLE,
    needs_deployment=True,
)
