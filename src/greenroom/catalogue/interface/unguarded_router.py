"""A router that is included without what is put in front of the routers beside it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from greenroom.catalogue.interface.changing_routes import CHANGING, changes_data, is_open_by_nature
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.web.authentication import Authentication

_FEWEST = 3
_SHARE = 0.75
_Step = tuple[str, int, int]
_Routers = dict[tuple[_Step, ...], list[Route]]
"""By the way from the application down to them: their routes, and those of routers below."""


def unguarded_routers(checks: Authentication, routes: Iterable[Route]) -> Iterator[Sighting]:
    """Routes that change data on a router without a guard, where three in four of those that are included beside it have one.

    Args:
        checks: what stands in front of routes.
        routes: all of one application.
    """
    for beside in _beside_each_other(routes):
        changing = {way: part for way, part in beside.items() if _is_to_be_guarded(part)}
        guarded = {way: name for way, part in beside.items() if (name := _guard(checks, part))}
        counted = sum(way in guarded for way in changing)
        if counted < _FEWEST or counted < _SHARE * len(changing):
            continue
        for way, part in changing.items():
            if way not in guarded and not any(map(checks.explicit, part)):
                yield from _open(checks, part, [(beside[other][0], guarded[other]) for other in guarded])


def _beside_each_other(routes: Iterable[Route]) -> Iterable[_Routers]:
    """The routers that one function or module includes in one application or router."""
    found: dict[tuple[tuple[_Step, ...], str], _Routers] = defaultdict(lambda: defaultdict(list))
    for route in routes:
        for depth in range(1, len(route.order)):
            way = route.order[:depth]
            if way[-1][0]:
                found[way[:-1], way[-1][0]][way].append(route)
    return found.values()


def _is_to_be_guarded(routes: list[Route]) -> bool:
    return any(route.method in CHANGING and not is_open_by_nature(route) for route in routes)


def _guard(checks: Authentication, routes: list[Route]) -> str:
    """The name of what the router has in front of all its routes; empty where it has none."""
    common = [name for name in checks.of_routers(routes[0]) if all(name in route.guards for route in routes)]
    return common[0] if common else ""


def _open(
    checks: Authentication, routes: list[Route], guarded: list[tuple[Route, str]]
) -> Iterator[Sighting]:
    """Of such a router the routes that change data, and show no sign of a check."""
    beside, name = guarded[0]
    for route in routes:
        if route.method not in CHANGING or is_open_by_nature(route) or checks.any_sign(route):
            continue
        sure = route.certain and changes_data(checks, route) and not checks.may_ask_in_a_base(route)
        yield Sighting(
            place=Place(path=route.file, line=route.line, symbol=route.symbol),
            message=f"`{route.method} {route.path}` asks nobody who they are: its router is included without "
            f"`{name}`, which {len(guarded)} routers beside it have in front of all their routes",
            severity=Severity.HIGH,
            confidence=Confidence.PROBABLE if sure else Confidence.POSSIBLE,
            sites=(Place(path=beside.file, line=beside.line, symbol=beside.symbol),),
            subject=f"{route.method} {route.path}",
            cause=f"{route.file}:{route.symbol}",
        )
