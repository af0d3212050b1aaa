"""Critical gaps: routes that matter, with what no test of them shows and what was found on their way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from greenroom.detect.coverage.critical_paths import CHANGING, Critical, is_named, read_critical
from greenroom.model.finding import Finding, Reach, Severity
from greenroom.model.mode import Family
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.report.gaps.asked import Asked, AskedRoutes
from greenroom.report.gaps.examples import Examples
from greenroom.report.gaps.names import named
from greenroom.report.gaps.section import Item, Section
from greenroom.report.ranking import by_urgency
from greenroom.report.request import ReportRequest
from greenroom.report.text import count

_MOST: Final = 10
_OF_USERS: Final = (Reach.ROUTE, Reach.SOCKET)
_UNTESTED: Final = "INT002"
"""The finding that routes are untested: each route here says so itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalRoute:
    """A route that matters, its worth, and what is wrong with it."""

    name: str
    worth: int
    place: Place | None
    """Its handler; None where no route has this name."""
    asked: Asked
    """Whether some test asks for it."""
    unseen: bool
    """A recorded run shows no answer of it without an error."""
    findings: tuple[Finding, ...]
    """At its handler, in a chain that begins there, or naming it; the most urgent first."""

    @property
    def is_gap(self) -> bool:
        """Whether anything is wrong with it."""
        return self.asked is Asked.NO or self.unseen or bool(self.findings)


def critical_routes(request: ReportRequest) -> tuple[CriticalRoute, ...]:
    """All that matter: the worthiest first, of these the untested, then those with the severest findings."""
    asked = AskedRoutes(request.audit)
    used = request.audit.evidence
    unseen = {
        name
        for bar in (used.coverage if used else ())
        if bar.name == "critical paths"
        for name in bar.missing
    }
    found = [_critical(request, each, asked, unseen) for each in _chosen(request)]
    return tuple(sorted(found, key=_rank))


def risks_section(request: ReportRequest, routes: tuple[CriticalRoute, ...], examples: Examples) -> Section:
    """The gaps by what they are worth."""
    title = "Critical gaps by business risk"
    basis = (
        "by the setting `critical`"
        if request.audit.critical
        else "as the setting `critical` names none, every route that changes something counts 1"
    )
    if not routes:
        return Section(
            title=title,
            lead="No route that changes anything was found, and the setting `critical` names none: nothing to weigh.",
        )
    gaps = [route for route in routes if route.is_gap]
    worth, at_risk = sum(route.worth for route in routes), sum(route.worth for route in gaps)
    lead = f"Critical routes with a gap: {len(gaps):,} of {len(routes):,}, worth {at_risk:,} of {worth:,} ({basis}).{_unknown(routes)}"
    more = gaps[_MOST:]
    items = [_item(route, examples) for route in gaps[:_MOST]]
    if more:
        rest = sum(route.worth for route in more)
        items.append(
            Item(text=f"{len(more):,} more, worth {rest:,}: {named([route.name for route in more], 5)}.")
        )
    return Section(title=title, lead=lead, items=tuple(items))


def _unknown(routes: tuple[CriticalRoute, ...]) -> str:
    number = sum(route.asked is Asked.UNKNOWN for route in routes)
    return (
        f" Of {number:,} it could not be read whether a test requests them; a recorded run tells."
        if number
        else ""
    )


def _chosen(request: ReportRequest) -> Iterator[tuple[Critical, list[Route]]]:
    routes = [route for route in request.audit.routes if not route.is_mount]
    if request.audit.critical:
        for critical in map(read_critical, request.audit.critical):
            yield critical, [route for route in routes if is_named(critical, route)]
        return
    same: dict[tuple[str, str, str], list[Route]] = {}
    for route in routes:
        if route.method in CHANGING:
            same.setdefault((route.application, route.method, route.path), []).append(route)
    for (_, method, path), handlers in same.items():
        yield Critical(method, path, 1), handlers


def _critical(
    request: ReportRequest,
    chosen: tuple[Critical, list[Route]],
    asked: AskedRoutes,
    unseen: set[str],
) -> CriticalRoute:
    critical, routes = chosen
    name = critical.path if critical.method == "WEBSOCKET" else f"{critical.method} {critical.path}"
    handlers = {(route.file, route.symbol) for route in routes}
    return CriticalRoute(
        name=name,
        worth=critical.worth,
        place=next((Place(path=each.file, line=each.line, symbol=each.symbol) for each in routes), None),
        asked=_asked_of(asked, routes),
        unseen=bool(routes) and name in unseen,
        findings=tuple(by_urgency(each for each in request.shown if _is_on_the_way(each, name, handlers))),
    )


def _asked_of(asked: AskedRoutes, routes: list[Route]) -> Asked:
    """Of routes with one name in several applications, one that is asked for is enough."""
    known = [asked.of(route) for route in routes]
    for each in (Asked.YES, Asked.UNKNOWN):
        if each in known:
            return each
    return Asked.NO


def _is_on_the_way(finding: Finding, name: str, handlers: set[tuple[str, str]]) -> bool:
    if finding.reach not in _OF_USERS or finding.code == _UNTESTED or finding.code.startswith(Family.TESTS):
        return False
    places = (finding.place, *finding.chain[:1])
    if f"`{name}`" in finding.message:
        return True
    return any((place.path, place.symbol) in handlers for place in places)


def _rank(route: CriticalRoute) -> tuple[int, bool, int, int, str]:
    high = sum(finding.severity is Severity.HIGH for finding in route.findings)
    return (-route.worth, route.asked is not Asked.NO, -high, -len(route.findings), route.name)


def _item(route: CriticalRoute, examples: Examples) -> Item:
    return Item(
        label=f"worth {route.worth:,}",
        text=f"`{route.name}`: {'; '.join(_problems(route))}.",
        place=route.place,
        source=examples.source(route.place),
        notes=tuple(
            f"{each.code} ({each.severity}): {each.message} (`{each.place.path}:{each.place.line}`)."
            for each in route.findings[:3]
        ),
    )


def _problems(route: CriticalRoute) -> Iterator[str]:
    if route.place is None:
        yield "no route that was found has this method and path"
        return
    if route.asked is Asked.NO:
        yield "no test requests it"
    elif route.unseen:
        yield "no test of the recorded run got an answer from it without an error"
    if route.findings:
        yield f"{count(len(route.findings), 'finding')} on its way"
