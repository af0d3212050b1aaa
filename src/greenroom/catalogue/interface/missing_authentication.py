"""INT006: a route that changes data and asks nobody who they are, among others that do."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from greenroom.catalogue.interface.asked_everywhere import is_asked_everywhere
from greenroom.catalogue.interface.changing_routes import CHANGING, changes_data, is_open_by_nature
from greenroom.catalogue.interface.missing_role import missing_roles
from greenroom.catalogue.interface.returned_refusal import returned_refusals
from greenroom.catalogue.interface.unguarded_file import unguarded_files
from greenroom.catalogue.interface.unguarded_method import unguarded_methods
from greenroom.catalogue.interface.unguarded_router import unguarded_routers
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.project import Project
from greenroom.project.web.authentication import Authentication

_FEWEST_SIBLINGS = 3
_FEWEST_METHODS = 2
_SHARE = 0.75
_OFFICE = re.compile(r"admin|super|staff|roles?(?:\b|_)|moderator", re.IGNORECASE)
"""Beside what only these may do stands what the public comes for: to apply, to order, to write to them."""
_PARAMETER = re.compile(r"[{<][^}>]*[}>]")


def detect_missing_authentication(project: Project) -> Iterator[Sighting]:
    """Every route that changes data without any sign of a check, or without that of its siblings; checks that keep nobody out."""
    yield from returned_refusals(project)
    if not any(route.method in CHANGING for route in project.routes):
        return
    everywhere = is_asked_everywhere(project)
    checks = Authentication(project.modules, project.graph)
    served: dict[str, list[Route]] = defaultdict(list)
    for route in project.routes:
        if route.method != "WEBSOCKET" and route.application:
            served[route.application].append(route)
    for application, routes in served.items():
        idle = application in project.idle_applications
        yield from (
            replace(found, confidence=Confidence.POSSIBLE) if idle else found
            for found in _in_application(checks, routes, everywhere=everywhere)
        )


def _in_application(checks: Authentication, routes: list[Route], *, everywhere: bool) -> Iterator[Sighting]:
    """A route is compared with those of its file, and where they tell nothing, its router with the routers beside it.

    Where all who come are asked for a login, only roles and what one class asks are left to compare.
    """
    by_file: dict[str, list[Route]] = defaultdict(list)
    for route in routes:
        by_file[route.file].append(route)
    found: list[Sighting] = []
    if not everywhere:
        found += [sighting for beside in by_file.values() for sighting in _among(checks, beside)]
        found += unguarded_routers(checks, routes)
        found += unguarded_files(checks, routes)
    for beside in by_file.values():
        found += missing_roles(checks, beside)
        found += unguarded_methods(checks, beside)
    yield from {sighting.subject: sighting for sighting in reversed(found)}.values()


def _among(checks: Authentication, routes: list[Route]) -> Iterator[Sighting]:
    """Those that ask nobody, where most that change data do, or most of all: who asks his readers asks his writers."""
    asked = {route: checks.surely(route) for route in routes}
    changing = [route for route in routes if route.method in CHANGING]
    mostly = _mostly_asked(asked, changing) or _mostly_asked(asked, routes)
    for route in changing:
        beside = mostly or _of_same_thing(asked, changing, route)
        if not beside:
            continue
        if asked[route] or (beside[0].method not in CHANGING and route.method == "POST"):
            continue
        open_to_all = is_open_by_nature(route) or checks.is_said_open(route)
        if not open_to_all and not checks.any_sign(route):
            found = _sighting(route, beside, asked[beside[0]])
            by_office = any(map(_OFFICE.search, asked[beside[0]]))
            changes = route.method != "POST" or (
                changes_data(checks, route)
                and not by_office
                and not _is_of_another_area(asked, beside, route)
            )
            yield found if changes else replace(found, confidence=Confidence.POSSIBLE)


def _is_of_another_area(asked: dict[Route, tuple[str, ...]], beside: list[Route], route: Route) -> bool:
    """Whether those who change data and ask stand below one prefix, and it does not: they are for somebody else than it is.

    `/scraper/jobs` and `/scraper/results` ask the scraper who it is; `/suggestions` beside them is for the public.
    """
    paths = [part.path.strip("/").split("/") for part in beside if asked[part] and part.method in CHANGING]
    areas = {path[0] for path in paths if len(path) > 1 and not _PARAMETER.search(path[0])}
    first = route.path.strip("/").split("/")[0]
    return len(areas) == 1 and all(len(path) > 1 for path in paths) and first not in areas


def _of_same_thing(asked: dict[Route, tuple[str, ...]], changing: list[Route], route: Route) -> list[Route]:
    """Those that create, change or delete the same thing, where two or more do, and all of them ask."""
    if route.method == "POST":
        return []
    others = [part for part in changing if part.symbol != route.symbol and _thing(part) == _thing(route)]
    methods = {part.method for part in others}
    return others if len(methods) >= _FEWEST_METHODS and all(asked[part] for part in others) else []


def _thing(route: Route) -> str:
    """`/orders` of `/orders` and `/orders/{order_id}`; what goes deeper is something else."""
    path = _PARAMETER.sub("{}", route.path).rstrip("/")
    return path.removesuffix("/{}")


def _mostly_asked(asked: dict[Route, tuple[str, ...]], routes: list[Route]) -> list[Route]:
    """Those of the routes that ask, first who only reads; none where too many do not."""
    guarded = sorted((route for route in routes if asked[route]), key=lambda route: route.method in CHANGING)
    enough = len(guarded) >= _FEWEST_SIBLINGS and len(guarded) >= _SHARE * len(routes)
    return guarded if enough else []


def _sighting(route: Route, guarded: list[Route], names: tuple[str, ...]) -> Sighting:
    return Sighting(
        place=Place(path=route.file, line=route.line, symbol=route.symbol),
        message=f"`{route.method} {route.path}` asks nobody who they are, while {len(guarded)} routes beside it "
        f"{'that change data ' if guarded[0].method in CHANGING else ''}do, by `{names[0]}`",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE,
        sites=(Place(path=guarded[0].file, line=guarded[0].line, symbol=guarded[0].symbol),),
        subject=f"{route.method} {route.path}",
        cause=f"{route.file}:{route.symbol}",
    )


MODE = FailureMode(
    code="INT006",
    name="missing-authentication",
    family=Family.INTERFACE,
    summary="a route changes data without asking who is there, while its siblings do",
    consequence="anybody who finds the path changes the data of everybody",
    remedy="put the same dependency in front of it that its siblings have, or on the router for all of them",
    source="OWASP API Security Top 10 (2023), API2 Broken Authentication and API5 Broken Function Level Authorization",
    detector=detect_missing_authentication,
    surest=Confidence.PROBABLE,
)
