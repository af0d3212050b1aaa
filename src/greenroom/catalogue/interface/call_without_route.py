"""INT001: a request of the front end that no route serves."""

import re
from collections.abc import Iterator

from greenroom.catalogue.interface.lost_registration import LOSE_REGISTRATION
from greenroom.catalogue.interface.missing_slash import requests_without_slash
from greenroom.catalogue.interface.other_servers import is_among_others
from greenroom.catalogue.interface.requests_of_tests import requests_without_route
from greenroom.catalogue.interface.strict_slash import requests_refused_for_a_slash
from greenroom.catalogue.interface.used_requests import is_used
from greenroom.detect.live import Live
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.contract.join import Answer, serves
from greenroom.project.contract.pattern import (
    HOLE,
    NUMBER,
    REST,
    Segments,
    fit,
    is_same,
    of_request,
    of_route,
)
from greenroom.project.files.kind import FileKind
from greenroom.project.front.address import Address
from greenroom.project.front.front_call import FrontCall
from greenroom.project.project import Project

_MOST_DOUBTFUL = 0.1
_SURE_SHARE, _SURE_COUNT = 0.8, 6
"""So many of the requests with the same base are served: the base is ours, and its routes are known."""
_OURS_SHARE = 0.5
_TELLING_SHARE, _TELLING_COUNT = 0.95, 30
_SERVING = frozenset({"createServer", "listen", "createProxyMiddleware", "configureServer"})
_STATIC = frozenset({"StaticFiles", "re_path", "url"})
"""What serves files, or one page for whatever comes: not routes of its own."""


def detect_calls_without_route(project: Project) -> Iterator[Sighting]:
    """Every request that arrives at our servers and is served by none of their routes."""
    opened = any(not _is_files(mount) and not mount.path.strip("/") for mount in project.mounts)
    unread = opened or not _is_understood(project)
    asked = [answer for answer in project.contract.answers if answer.status in ("missing", "method")]
    doubtful = opened or (bool(asked) and is_among_others(project))
    for answer in asked:
        yield _sighting(project, answer, unread=doubtful or (unread and not _shows_that_we_read(answer)))
    yield from requests_without_slash(project)
    yield from requests_refused_for_a_slash(project)
    if not unread:
        yield from requests_without_route(project)


def _is_understood(project: Project) -> bool:
    """Whether nearly all routes have a handler and a path that could be read."""
    doubtful = sum(not route.symbol or not route.certain for route in project.routes)
    return doubtful <= _MOST_DOUBTFUL * len(project.routes)


def _shows_that_we_read(answer: Answer) -> bool:
    """Nearly all of very many requests find their route, whatever its prefix is called."""
    return answer.share >= _TELLING_SHARE and answer.served >= _TELLING_COUNT


def _is_files(mount: Route) -> bool:
    return mount.symbol in _STATIC


def _sighting(project: Project, answer: Answer, *, unread: bool) -> Sighting:
    call = answer.call
    address = _shown(call)
    asked = f"{_method(call)} {address.path}"
    used = is_used(project.front, call)
    place = Place(path=call.path, line=call.line, symbol=call.symbol, column=call.column)
    return Sighting(
        place=place,
        message=f"`{asked}` is asked for here, and {_reason(project, answer)}",
        severity=Severity.HIGH if used else Severity.LOW,
        confidence=_confidence(project, answer, address, used=used, unread=unread),
        consequence="the server answers 405 to whoever comes here" if _is_refused(project, answer) else "",
        subject=asked,
        cause=_cause(project, answer, asked),
        reach=Reach.ROUTE,
    )


def _is_refused(project: Project, answer: Answer) -> bool:
    """Whether its path is served, by other methods."""
    return answer.status == "method" or bool(project.contract.index.taking(answer.arriving))


def _shown(call: FrontCall) -> Address:
    """The address that says most: with the page's own server as its base."""
    return min(call.addresses, key=lambda address: (bool(address.base), not address.certain))


def _method(call: FrontCall) -> str:
    return {"socket": "WebSocket", "stream": "GET"}.get(call.kind) or call.method or "HTTP"


def _reason(project: Project, answer: Answer) -> str:
    if answer.status == "method":
        methods = sorted({route.method for route in answer.routes})
        return f"its path is served for {' and '.join(methods)} only, by `{answer.routes[0].symbol}`"
    taking = project.contract.index.taking(answer.arriving)
    if taking:
        methods = sorted({route.method for route in taking})
        return f"`{taking[0].path}`, which takes its path, is served for {' and '.join(methods)} only"
    below = _known_part(project, answer.arriving)
    begins = "/".join(answer.arriving[: below + 1]).replace(HOLE, "{…}").replace(NUMBER, "{…}")
    if below < len(answer.arriving) - 1:
        return f"no route of the application begins with `/{begins}`"
    return "no route of the application has this path"


def _known_part(project: Project, arriving: Segments) -> int:
    """How many segments from the start some route shares."""
    prefixes = project.contract.index.known_prefixes
    return next((length for length in range(len(arriving), 0, -1) if arriving[:length] in prefixes), 0)


def _cause(project: Project, answer: Answer, asked: str) -> str:
    """An area that is not served at all is one cause, asked for in one file or in ten."""
    if answer.status == "method":
        return asked
    below = _known_part(project, answer.arriving)
    return "/".join(answer.arriving[: below + 1])


def _confidence(
    project: Project, answer: Answer, address: Address, *, used: bool, unread: bool
) -> Confidence:
    if not used or _is_named_by_a_server(project, address) or _is_perhaps_served(project, answer) or unread:
        return Confidence.POSSIBLE
    if not _is_telling(answer.arriving) or (not address.certain and answer.status == "missing"):
        return Confidence.POSSIBLE
    if _may_end_in_a_query(project, answer):
        return Confidence.POSSIBLE
    if _is_perhaps_of_another(project, answer) or _is_mentioned(project, answer):
        return Confidence.POSSIBLE
    if _is_refused(project, answer) and _has_another_prefix(project, answer.call):
        return Confidence.POSSIBLE
    if answer.status == "missing" and not (
        _is_spelled_out(answer.call) and _known_part(project, answer.arriving)
    ):
        return Confidence.POSSIBLE
    if not _is_asked_of_us(project, answer) or _has_a_served_twin(project, answer):
        return Confidence.POSSIBLE
    if answer.served < _SURE_COUNT:
        return Confidence.PROBABLE
    sure = answer.call.method and (answer.status == "method" or _known_part(project, answer.arriving) > 0)
    return Confidence.DEFINITE if sure else Confidence.PROBABLE


def _is_asked_of_us(project: Project, answer: Answer) -> bool:
    """Whether requests with the same base are served, most of them, by what the deployment runs."""
    live = project.once(Live)
    return answer.share >= _OURS_SHARE and any(
        live.is_loaded(project.modules[route.file])
        for route in project.routes
        if route.file in project.modules
    )


def _has_a_served_twin(project: Project, answer: Answer) -> bool:
    """Whether the very call is read as other requests, too, one of which is served: branches inside decide which is made."""
    call = answer.call
    return any(
        other.status == "served"
        and (other.call.path, other.call.line, other.call.column) == (call.path, call.line, call.column)
        for other in project.contract.answers
    )


def _is_spelled_out(call: FrontCall) -> bool:
    """Its method is written, or it is a socket or stream: what hands a path on to somebody says no method."""
    return bool(call.method) or call.kind != "http"


def _is_perhaps_of_another(project: Project, answer: Answer) -> bool:
    """Whether the base may be another server's: a few of its requests fit by chance, or the path begins like no route."""
    bases = [address.base for address in answer.call.addresses]
    if not any(bases):
        return False
    few = answer.share < _SURE_SHARE or answer.served < _SURE_COUNT
    return not _known_part(project, answer.arriving) or (all(bases) and few)


def _has_another_prefix(project: Project, call: FrontCall) -> bool:
    """Whether a longer path that ends in the whole one takes the method: which of the two a proxy leads to is its secret."""
    ways = {way for address in call.addresses for way in of_request(address.path) if way}
    return any(
        len(segments) > len(way) and fit(way, segments[-len(way) :])
        for route in project.routes
        if serves(route, call)
        for segments in (of_route(route.path),)
        for way in ways
    )


def _is_telling(arriving: Segments) -> bool:
    """Something of its own is written in the path: `/api/{…}` may be anything."""
    return any(part not in (HOLE, REST) for part in arriving[1:]) or len(arriving) == 1


def _may_end_in_a_query(project: Project, answer: Answer) -> bool:
    """`/orders/count/${params}`, where `/orders/count/` takes the method: what is put in may begin with a question mark."""
    *path, last = answer.arriving
    return last == HOLE and any(
        serves(route, answer.call) and is_same(tuple(path), of_route(route.path)) for route in project.routes
    )


def _is_perhaps_served(project: Project, answer: Answer) -> bool:
    """A route whose prefix could not be resolved ends like this."""
    for route in project.routes:
        segments = of_route(route.path)
        if not route.certain and len(segments) <= len(answer.arriving):
            tail = answer.arriving[len(answer.arriving) - len(segments) :]
            if is_same(tail, segments) and any(part not in (HOLE, REST) for part in segments):
                return True
    return False


def _is_named_by_a_server(project: Project, address: Address) -> bool:
    """A server in JavaScript, or the proxy of a build tool, has the whole path in its code."""
    literal = address.path.partition("{")[0]
    return any(
        literal in project.inventory.read_text(file.path)
        for file in project.front.files.values()
        if not _SERVING.isdisjoint(file.words) and len(literal) > 1 and not address.base
    )


def _is_mentioned(project: Project, answer: Answer) -> bool:
    """The end of the path stands as a path in code, and in no route that was understood."""
    words = [part for part in answer.arriving if part not in (HOLE, REST)]
    if answer.status == "method" or not words:
        return False
    if any(words[-1] in of_route(route.path) for route in project.routes):
        return False
    spelled = re.compile(rb"/" + re.escape(words[-1].encode()) + rb"(?![\w-])")
    return any(
        spelled.search(module.packed_bodies)
        for module in project.modules.values()
        if module.kind is FileKind.PRODUCTION
    )


MODE = FailureMode(
    code="INT001",
    name="call-without-route",
    family=Family.INTERFACE,
    summary="the front end asks for a path and method that no route serves",
    consequence="the server answers 404 to whoever comes here, and the screen shows an error or nothing",
    remedy="serve the route, or ask for the one that is served",
    source="products A and B of the field: front ends that asked for routes which were renamed, moved or never built",
    detector=detect_calls_without_route,
    surest=Confidence.PROBABLE,
    operators=(LOSE_REGISTRATION,),
)
