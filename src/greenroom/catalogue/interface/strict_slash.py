"""Requests whose path differs from its route by the slash at the end, where the application was told not to redirect."""

from collections import Counter
from collections.abc import Iterator

from greenroom.catalogue.dependency.stream_loops import last_name
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.contract.join import Answer
from greenroom.project.contract.pattern import REST, of_request, of_route
from greenroom.project.front.address import Address
from greenroom.project.project import Project

_APPLICATIONS = frozenset({"FastAPI", "Starlette"})
_FALSE = (facts.CONSTANT, False)
_FEWEST = 3
_MOST = 0.2
"""Where more of the requests with this base differ, something on the way puts them right."""


def requests_refused_for_a_slash(project: Project) -> Iterator[Sighting]:
    """Every one whose path is written to its end, where others with the same base are spelled as their routes are."""
    settings = {"django": _django_setting(project), "asgi": _starlette_setting(project)}
    if not any(settings.values()):
        return
    written = [(answer, address, setting) for answer in project.contract.answers
               if (address := _written(answer)) is not None
               if (setting := settings.get(answer.routes[0].framework)) is not None]  # fmt: skip
    asked = Counter(address.base for _, address, _ in written)
    refused = [part for part in written if _differs(part[0], part[1])]
    differing = Counter(address.base for _, address, _ in refused)
    for answer, address, setting in refused:
        wrong, base = differing[address.base], address.base
        is_rare = asked[base] - wrong >= _FEWEST and wrong <= _MOST * asked[base]
        yield _sighting(answer, setting, Confidence.PROBABLE if is_rare else Confidence.POSSIBLE)


def _django_setting(project: Project) -> Place | None:
    """Where `APPEND_SLASH = False` stands, if it is said nowhere otherwise."""
    found: list[tuple[Place, bool]] = []
    for scope in mentioning(project.production(), words("APPEND_SLASH")):
        found += [
            (Place(path=scope.path, line=part.line), part.value == _FALSE)
            for part in scope.body.statements
            if part.kind == "assign" and "APPEND_SLASH" in part.target
        ]
    return found[0][0] if found and all(off for _, off in found) else None


def _starlette_setting(project: Project) -> Place | None:
    """Where `redirect_slashes=False` stands, if all applications have it and no code cuts the slash off by itself."""
    if any(True for _ in mentioning(project.production(), words("rstrip", "removesuffix"), words("scope"))):
        return None
    found: list[tuple[Place, bool]] = []
    for scope in mentioning(project.production(), words(*_APPLICATIONS)):
        for index, call in enumerate(scope.body.calls):
            if last_name(scope.body, index) in _APPLICATIONS:
                off = call.keyword("redirect_slashes") == _FALSE
                found.append((Place(path=scope.path, line=call.line, symbol=scope.qualname), off))
    return found[0][0] if found and all(off for _, off in found) else None


def _written(answer: Answer) -> Address | None:
    """The address of a request that is served, with a word at its end."""
    if answer.status != "served" or len(answer.call.addresses) != 1:
        return None
    address = answer.call.addresses[0]
    ends = address.path.rstrip("/").rpartition("/")[2]
    way = of_request(address.path)[0]
    if answer.arriving[-len(way) :] != way:
        return None  # something is taken off on the way: a proxy that may do more, or another server
    return address if address.certain and ends and "{" not in ends else None


def _differs(answer: Answer, address: Address) -> bool:
    """Whether every route of the path is spelled the other way."""
    ends = address.path.endswith("/")
    return all(
        route.certain
        and of_route(route.path)[-1:] != (REST,)
        and route.path.endswith("/") != ends
        and (route.framework != "django" or not ends)
        for route in answer.routes
    )


def _sighting(answer: Answer, setting: Place, confidence: Confidence) -> Sighting:
    call, route = answer.call, answer.routes[0]
    asked = f"{call.method} {call.addresses[0].path}"
    return Sighting(
        place=Place(path=call.path, line=call.line, symbol=call.symbol, column=call.column),
        message=f"`{asked}` is asked for, its route is `{route.path}`, and the application does not redirect from one to the other",
        severity=Severity.HIGH,
        confidence=confidence,
        consequence="the server answers 404, for a slash",
        remedy="ask for the path as the route spells it",
        sites=(Place(path=route.file, line=route.line, symbol=route.symbol), setting),
        subject=asked,
        cause=f"slash {asked}",
        reach=Reach.ROUTE,
    )
