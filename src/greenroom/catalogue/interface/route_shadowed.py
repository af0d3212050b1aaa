"""INT003: a route that an earlier one keeps from being reached."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from greenroom.catalogue.interface.shadowed_route import SHADOW
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.code.facts import Expression, constant, last_name, walk
from greenroom.project.contract.pattern import HOLE, NUMBER, REST, Segments, is_whole_parameter, of_route
from greenroom.project.project import Project
from greenroom.project.web.authentication import handler_of
from greenroom.project.web.rest_framework import ROOT_VIEW

_BY_ORDER = frozenset({"asgi", "django"})
"""Frameworks where the first that matches is taken; others weigh what is written."""
_BY_PATH = "django"
_OF_ANY_LENGTH = 0
_REGULAR = frozenset({"re_path", "url"})
_GROUP = re.compile(r"\((?:\?P<\w+>)?(?!\?)((?:[^()]|\([^()]*\))*)\)")
_ENDS = ("$", "\\Z")
_ANY_WORD = re.compile(r"(?:\.|\\w|\[\^/[^\]]*\]|\[[^\]]*\\w[^\]]*\])[+*]\??")
_LOOKUP = "lookup_value_regex"
"""Of a view set of REST framework: what its parameter takes."""
_IN_FRONT = re.compile(r"overrid|guard|replac|patch|shim|facade|new_|_v[2-9]\b", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:shadow(?:s|ing)?|supersed\w+|overrid\w+|takes? precedence|before the legacy)\b", re.IGNORECASE
)
_BEHIND = re.compile(r"legacy|deprecated|(?:^|[/_ ])old(?:_|\b)|backup|_v1\b", re.IGNORECASE)
_CONDITIONS = frozenset({"if", "else", "try", "except", "try-else", "case"})


def detect_shadowed_routes(project: Project) -> Iterator[Sighting]:
    """Every route of an application that is registered after one which takes all of its requests."""
    applications: dict[str, list[Route]] = defaultdict(list)
    for route in project.routes:
        if (
            route.framework in _BY_ORDER
            and route.symbol != ROOT_VIEW
            and route.certain
            and route.application
            and _is_plain(route.path)
        ):
            applications[route.application].append(route)
    for routes in applications.values():
        causes: dict[tuple[object, ...], list[tuple[Route, Route]]] = defaultdict(list)
        for first, route in _shadowed(project, routes):
            causes[_cause(first, route)].append((first, route))
        for pairs in causes.values():
            is_meant = _is_meant(project, pairs, routes)
            yield from _together([_sighting(project, *pair, is_meant=is_meant) for pair in pairs])


def _cause(first: Route, route: Route) -> tuple[object, ...]:
    """One earlier route may take the requests of many, and one file may hang anew what another has hung."""
    hangs_anew = first.file != route.file and of_route(first.path) == of_route(route.path)
    return (first.file, route.file) if hangs_anew else (first.file, first.line, first.path)


def _is_meant(project: Project, pairs: list[tuple[Route, Route]], routes: list[Route]) -> bool:
    """Whether a file seems to be there to stand in front of another: all its routes are those of the other, or it says so."""
    first, route = pairs[0]
    if first.file == route.file or of_route(first.path) != of_route(route.path):
        return False
    if _SAID.search(project.inventory.read_text(first.file)):
        return True
    anew = {pair[0] for pair in pairs}
    own = [part for part in routes if part.file == first.file]
    return all(part in anew for part in own) or any(
        _IN_FRONT.search(f"{part[0].file} {part[0].symbol}")
        or _BEHIND.search(f"{part[1].file} {part[1].symbol}")
        for part in pairs
    )


def _together(sightings: list[Sighting]) -> Iterator[Sighting]:
    further = len({sighting.subject for sighting in sightings}) - 1
    told = f"; so it is with {further} more of these routes" if further else ""
    place = sightings[0].place
    for sighting in sightings:
        yield replace(
            sighting,
            message=sighting.message + told,
            cause=f"{place.path}:{place.line}:{sightings[0].subject}",
        )


def _shadowed(project: Project, routes: list[Route]) -> Iterator[tuple[Route, Route]]:
    """Pairs of an earlier route and one whose requests it takes."""
    earlier: dict[int, list[tuple[Segments, Route]]] = defaultdict(list)
    for route in routes:
        segments = of_route(route.path)
        for pattern, first in (*earlier[len(segments)], *earlier[_OF_ANY_LENGTH]):
            if (
                _is_asked(first, route, is_same=pattern == segments)
                and first.path.endswith("/") == route.path.endswith("/")
                and _takes_all(pattern, segments, first.path)
                and _is_other(first, route)
                and first.is_before(route)
                and not _is_narrow(project, first)
                and (not _is_open(project, route) or _is_open(project, first))
            ):
                yield first, route
                break
        earlier[_OF_ANY_LENGTH if segments[-1:] == (REST,) else len(segments)].append((segments, route))


def _is_asked(first: Route, route: Route, *, is_same: bool) -> bool:
    """Whether the framework asks the first at all: Django goes by paths alone, whatever the method; others by both."""
    return first.method in ("*", route.method) or (first.framework == _BY_PATH and not is_same)


def _is_plain(path: str) -> bool:
    """No regular expression, and nothing of any length before its end."""
    *inner, _ = path.strip("/").split("/")
    return "(" not in path and "[" not in path and not any(of_route(part) == (REST,) for part in inner)


def _is_other(first: Route, route: Route) -> bool:
    """Two methods of one handler, and one route that two runs of a factory hang, are no two routes."""
    return (first.file, first.line, first.path) != (route.file, route.line, route.path)


def _takes_all(pattern: Segments, segments: Segments, spelled: str) -> bool:
    """Whether each request for the second path fits the first."""
    parts = spelled.strip("/").split("/")
    if pattern[-1:] == (REST,):
        head = pattern[:-1]
        return len(segments) > len(head) > 0 and _takes_all(
            head, segments[: len(head)], "/".join(parts[: len(head)])
        )
    if len(pattern) != len(segments):
        return False
    return all(
        _takes(expected, given, part) for given, expected, part in zip(segments, pattern, parts, strict=True)
    )


def _takes(expected: str, given: str, part: str) -> bool:
    """One segment."""
    if expected not in (HOLE, NUMBER) or not is_whole_parameter(part):
        return given == expected and not ("{" in part or "<" in part)
    return given == NUMBER or given.isdigit() if expected == NUMBER else given != REST


def _sighting(project: Project, first: Route, route: Route, *, is_meant: bool) -> Sighting:
    same = of_route(first.path) == of_route(route.path)
    how = (
        "is registered a second time"
        if same
        else f"is registered after `{first.path}`, which takes its requests"
    )
    asked = route.path if route.method == "*" else f"{route.method} {route.path}"
    is_idle = route.application in project.idle_applications
    conditional = _is_conditional(project, first) or _is_conditional(project, route)
    regular = _spelled(project, first) != _spelled(project, route)
    return Sighting(
        place=Place(path=route.file, line=route.line, symbol=route.symbol),
        message=f"`{asked}` {how}: `{first.symbol}` answers{_instead_of(first, route)}"
        + (" (nothing in the repository starts this application)" if is_idle else ""),
        severity=Severity.MEDIUM if same else Severity.HIGH,
        confidence=Confidence.POSSIBLE
        if conditional or is_idle or regular or is_meant or not (first.symbol and route.symbol)
        else Confidence.DEFINITE,
        sites=(Place(path=first.file, line=first.line, symbol=first.symbol),),
        subject=f"{route.method} {route.path}",
    )


def _instead_of(first: Route, route: Route) -> str:
    """Two of one view set may both be known by its name alone, as what they do is inherited."""
    return f", never `{route.symbol}`" if first.symbol != route.symbol else f" as it does at `{first.path}`"


def _is_narrow(project: Project, route: Route) -> bool:
    """A regular expression takes some words only: `(?P<pk>[0-9]+)`, `(added|removed)`; or a part of it stands elsewhere."""
    # The prefix of an include may be regular as well, and says nothing of what is below.
    handler = handler_of(project.modules, route)
    if handler is not None and any(
        _LOOKUP in part.target for part in handler.body.statements if part.kind == "assign"
    ):
        return True
    return any(
        not all(_ANY_WORD.fullmatch(group) for text in _texts(pattern) for group in _GROUP.findall(text))
        or any(isinstance(part, str) for part in walk(pattern))
        for owner, line, _ in route.order
        for pattern in _regular(project, owner, line)
    )


def _spelled(project: Project, route: Route) -> list[tuple[object, ...]]:
    """Its regular expressions as they are written: two that differ take what no path tells."""
    return [
        tuple(constant(part) or str(part) for part in walk(pattern))
        for owner, line, _ in route.order
        for pattern in _regular(project, owner, line)
    ]


def _is_open(project: Project, route: Route) -> bool:
    """A regular expression without an end takes all longer paths as well: `url(r"^", …)`."""
    owner, line, _ = route.order[-1] if route.order else ("", 0, 0)
    return any(
        not any(text.endswith(_ENDS) for text in _texts(pattern))
        for pattern in _regular(project, owner, line)
    )


def _regular(project: Project, owner: str, line: int) -> Iterator[Expression]:
    """The regular expressions that are registered there, as they are written."""
    path, _, index = owner.partition("#")
    module = project.modules.get(path)
    for call in module.scopes[int(index)].body.calls if module is not None and index else ():
        if call.line == line and last_name(call.callee) in _REGULAR:
            yield from call.arguments[:1]


def _texts(pattern: Expression) -> Iterator[str]:
    """A text, or those of which it is put together: `PREFIX + r"(?P<pk>[0-9]+)/$"`."""
    for part in walk(pattern):
        if isinstance(text := constant(part), str):
            yield text


def _is_conditional(project: Project, route: Route) -> bool:
    """One of two that exclude each other, perhaps."""
    for owner, line, _ in route.order:
        path, _, index = owner.partition("#")
        module = project.modules.get(path)
        if module is None or not index:
            continue
        for block in module.scopes[int(index)].body.blocks:
            if block.kind in _CONDITIONS and block.line <= line <= block.end_line:
                return True
    return False


MODE = FailureMode(
    code="INT003",
    name="route-shadowed",
    family=Family.INTERFACE,
    summary="a route is registered after one that already matches its path",
    consequence="requests for it go to the earlier handler, which answers 404, 422 or something else",
    remedy="register the more specific path first",
    source="FastAPI documentation, Path Parameters: Order matters",
    detector=detect_shadowed_routes,
    surest=Confidence.PROBABLE,
    operators=(SHADOW,),
)
