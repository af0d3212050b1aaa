"""Critical-path coverage: what must not break, and whether a test has seen it work."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from greenroom.detect.coverage.endpoints import spelled
from greenroom.detect.observed.routes import SeenRoutes
from greenroom.detect.observed.seen_run import SeenRun
from greenroom.model.route import Route
from greenroom.model.score import Bar

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""Methods whose routes are critical where the setting names none."""
_LOWEST_ERROR = 400
_PARAMETER = re.compile(r"\{[^}]*\}|<[^>]*>")


class Critical(NamedTuple):
    """One line of the setting `critical`: `POST /orders 5`."""

    method: str
    path: str
    worth: int


def critical_path_coverage(seen: SeenRun, routes: SeenRoutes) -> Bar:
    """The worth of critical routes that answered a test without an error, of the worth of all.

    Critical is what the setting names; where it names nothing, each route that changes something, with a worth of 1.
    """
    listed = list(_listed(seen, routes))
    return Bar(
        name="critical paths",
        achieved=sum(worth for _, worth, works in listed if works),
        total=sum(worth for _, worth, _ in listed),
        covered=tuple(name for name, _, works in listed if works),
        missing=tuple(name for name, _, works in listed if not works),
        measured=True,
    )


def read_critical(line: str) -> Critical:
    """Read `METHOD PATH [WORTH]`.

    Raises:
        ValueError: it does not read so.
    """
    method, path, *rest = line.split()
    if len(rest) > 1 or not path.startswith("/"):
        raise ValueError(line)
    worth = int(rest[0]) if rest else 1
    if worth < 1:
        raise ValueError(line)
    return Critical(method.upper(), path, worth)


def _listed(seen: SeenRun, routes: SeenRoutes) -> Iterator[tuple[str, int, bool]]:
    known = [route for route in seen.project.routes if route.file not in seen.changed]
    chosen = [read_critical(line) for line in seen.project.settings.critical]
    if not chosen:
        for route in known:
            if route.method in CHANGING:
                yield spelled(route), 1, _works(routes, route)
        return
    for critical in chosen:
        named = [route for route in known if is_named(critical, route)]
        if not named and any(is_named(critical, route) for route in seen.project.routes):
            continue  # its file has changed: nothing is known
        name = critical.path if critical.method == "WEBSOCKET" else f"{critical.method} {critical.path}"
        yield name, critical.worth, any(_works(routes, route) for route in named)


def is_named(critical: Critical, route: Route) -> bool:
    """Whether the line means this route; names of parameters do not matter."""
    same = _PARAMETER.sub("{}", critical.path).rstrip("/") == _PARAMETER.sub("{}", route.path).rstrip("/")
    return same and route.method in (critical.method, "*")


def _works(routes: SeenRoutes, route: Route) -> bool:
    return any(
        each.status < _LOWEST_ERROR or route.method == "WEBSOCKET"
        for each in routes.answers.get(route, ())
        if not each.failure
    )
