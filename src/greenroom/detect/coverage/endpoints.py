"""Endpoint and socket coverage: routes that answered a test."""

from greenroom.detect.coverage.figure import figure
from greenroom.detect.observed.routes import SeenRoutes
from greenroom.detect.observed.seen_run import SeenRun
from greenroom.model.route import Route
from greenroom.model.score import Bar

_SOCKET = "WEBSOCKET"


def endpoint_coverage(seen: SeenRun, routes: SeenRoutes) -> Bar:
    """HTTP routes that answered at least one request, of all."""
    return figure("endpoints", _listed(seen, routes, sockets=False))


def socket_coverage(seen: SeenRun, routes: SeenRoutes) -> Bar:
    """Socket routes to which a test has connected, of all."""
    return figure("sockets", _listed(seen, routes, sockets=True))


def spelled(route: Route) -> str:
    """`GET /orders`; a socket by its path."""
    return route.path if route.method == _SOCKET else f"{route.method} {route.path}"


def _listed(seen: SeenRun, routes: SeenRoutes, *, sockets: bool) -> list[tuple[str, bool]]:
    return [
        (spelled(route), route in routes.answers)
        for route in seen.project.routes
        if (route.method == _SOCKET) == sockets and route.file not in seen.changed
    ]
