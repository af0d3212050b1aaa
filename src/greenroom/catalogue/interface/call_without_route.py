"""INT001: a request of the front end that no route serves."""

import re
from collections.abc import Iterator

from greenroom.catalogue.interface.lost_registration import LOSE_REGISTRATION
from greenroom.catalogue.interface.missing_slash import requests_without_slash
from greenroom.catalogue.interface.requests_of_tests import requests_without_route
from greenroom.catalogue.interface.strict_slash import requests_refused_for_a_slash
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.contract.join import Answer
from greenroom.project.contract.pattern import HOLE, NUMBER, REST, Segments, is_same, of_route
from greenroom.project.files.kind import FileKind
from greenroom.project.front.address import Address
from greenroom.project.front.facts import FUNCTION, last_name
from greenroom.project.front.front_call import FrontCall
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.kind import FrontKind
from greenroom.project.project import Project

_MOST_DOUBTFUL = 0.1
_SURE_SHARE, _SURE_COUNT = 0.8, 6
"""So many of the requests with the same base are served: the base is ours, and its routes are known."""
_SERVING = frozenset({"createServer", "listen", "createProxyMiddleware", "configureServer"})
_HANDED = frozenset({"mutationFn", "queryFn"})
_STATIC = frozenset({"StaticFiles", "re_path", "url"})
"""What serves files, or one page for whatever comes: not routes of its own."""


def detect_calls_without_route(project: Project) -> Iterator[Sighting]:
    """Every request that arrives at our servers and is served by none of their routes."""
    unread = any(not _is_files(mount) and not mount.path.strip("/") for mount in project.mounts)
    unread = unread or not _is_understood(project)
    for answer in project.contract.answers:
        if answer.status in ("missing", "method"):
            yield _sighting(project, answer, unread=unread)
    yield from requests_without_slash(project)
    yield from requests_refused_for_a_slash(project)
    if not unread:
        yield from requests_without_route(project)


def _is_understood(project: Project) -> bool:
    """Whether nearly all routes have a handler and a path that could be read."""
    doubtful = sum(not route.symbol or not route.certain for route in project.routes)
    return doubtful <= _MOST_DOUBTFUL * len(project.routes)


def _is_files(mount: Route) -> bool:
    return mount.symbol in _STATIC


def _sighting(project: Project, answer: Answer, *, unread: bool) -> Sighting:
    call = answer.call
    address = _shown(call)
    asked = f"{_method(call)} {address.path}"
    used = _is_used(project, call)
    refused = answer.status == "method" or project.contract.index.taking(answer.arriving)
    place = Place(path=call.path, line=call.line, symbol=call.symbol, column=call.column)
    return Sighting(
        place=place,
        message=f"`{asked}` is asked for here, and {_reason(project, answer)}",
        severity=Severity.HIGH if used else Severity.LOW,
        confidence=_confidence(project, answer, address, used=used, unread=unread),
        consequence="the server answers 405 to whoever comes here" if refused else "",
        subject=asked,
        cause=_cause(project, answer, asked),
        reach=Reach.ROUTE,
    )


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
    if _is_perhaps_of_another(project, answer) or _is_mentioned(project, answer):
        return Confidence.POSSIBLE
    if answer.served < _SURE_COUNT:
        return Confidence.PROBABLE
    sure = answer.call.method and (answer.status == "method" or _known_part(project, answer.arriving) > 0)
    return Confidence.DEFINITE if sure else Confidence.PROBABLE


def _is_perhaps_of_another(project: Project, answer: Answer) -> bool:
    """Whether the base may be another server's: a few of its requests fit by chance, or the path begins like no route."""
    bases = [address.base for address in answer.call.addresses]
    if not any(bases):
        return False
    few = answer.share < _SURE_SHARE or answer.served < _SURE_COUNT
    return not _known_part(project, answer.arriving) or (all(bases) and few)


def _is_telling(arriving: Segments) -> bool:
    """Something of its own is written in the path: `/api/{…}` may be anything."""
    return any(part not in (HOLE, REST) for part in arriving[1:]) or len(arriving) == 1


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


def _is_used(project: Project, call: FrontCall) -> bool:
    """Whether somebody calls the function: dead code asks for nothing."""
    home = project.front.files[call.path]
    if not _is_loaded(project, home):
        return False
    name = _asking(home, call)
    others = [
        file
        for file in project.front.files.values()
        if file.kind is FrontKind.PRODUCTION and file is not home and _is_loaded(project, file)
    ]
    waiting, seen = [name], {name}
    while waiting:
        name = waiting.pop()
        if not name or _is_component(name) or name == "constructor" or name in home.mentioned:
            return True
        if any(_names(file, name) and _comes_to(file, name, others) for file in others):
            return True
        around = {
            home.name_at(part.function).rpartition(".")[2]
            for part in home.calls
            if last_name(part.callee) == name
        }
        waiting += sorted(around - seen)
        seen |= around
    return False


def _is_loaded(project: Project, file: FrontFile) -> bool:
    """Whether a page loads the file; where no page can be told, all are taken for loaded."""
    loaded = project.front.mounting.loaded
    return not loaded or file.path in loaded


def _asking(home: FrontFile, call: FrontCall) -> str:
    """The function that asks; of one that a library is handed, the hook around it."""
    name = call.symbol.rpartition(".")[2]
    inner = [
        index
        for index, function in enumerate(home.functions)
        if function.name.rpartition(".")[2] == name and function.line <= call.line <= function.end_line
    ]
    if name not in _HANDED or not inner:
        return name
    around = (home.functions[index].name.rpartition(".")[2] for index in home.enclosing(inner[-1]))
    return next((outer for outer in around if outer and outer not in _HANDED), name)


def _is_component(name: str) -> bool:
    """`OrderList`, and not `LIST_ORDERS`."""
    return name[0].isupper() and not ("_" in name and name.isupper())


def _comes_to(file: FrontFile, name: str, others: list[FrontFile]) -> bool:
    """Whether some call in a file is in what somebody uses: at its top, in a component or hook, in a function that is named."""
    calls = [call for call in file.calls if last_name(call.callee) == name]
    if not calls:
        return True  # handed over
    if _is_left_over(file, name):
        return False
    for call in calls:
        named = [own for index in file.enclosing(call.function) if (own := file.functions[index].name)]
        outer = named[-1].rpartition(".")[2] if named else ""
        if not outer or _is_component(outer) or outer.startswith("use") or "." in named[-1]:
            return True
        users = [other for other in (file, *others) if other is not file or outer != name]
        if any(outer in other.words or outer in other.mentioned for other in users):
            return True
    return False


def _is_left_over(file: FrontFile, name: str) -> bool:
    """Whether the file calls it in functions only that are kept by `useCallback`, under names that nothing uses."""
    inside = {
        part[1]: binding.name
        for binding in file.bindings
        if isinstance(binding.value, int) and last_name(file.calls[binding.value].callee) == "useCallback"
        for part in file.calls[binding.value].arguments
        if isinstance(part, tuple) and part[0] == FUNCTION
    }
    calls = [call for call in file.calls if last_name(call.callee) == name]
    kept = [inside.get(call.function, "") for call in calls]
    return bool(kept) and all(own and own not in file.words and own not in file.mentioned for own in kept)


def _names(file: FrontFile, name: str) -> bool:
    """Whether a file calls it or hands it over, and not a function of its own that is called the same."""
    # Calls by a name that many share say nothing either way; so does a function that is handed over.
    if name not in file.words and name not in file.mentioned:
        return False
    own = any(function.name == name for function in file.functions)
    return not own or any(
        isinstance(call.callee, str) and call.callee.endswith(f".{name}") for call in file.calls
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
