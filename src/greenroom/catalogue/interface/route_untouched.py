"""INT002: routes that no test requests."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from greenroom.catalogue.interface.followed_addresses import FollowedAddresses
from greenroom.catalogue.interface.for_developers import is_hung_for_developers
from greenroom.detect.live import Live
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.model.test_case import Interface
from greenroom.project.code.module import Module
from greenroom.project.contract.pattern import HOLE, NUMBER, REST, of_route
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.web.rest_framework import ROOT_VIEW

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_ASKS = re.compile(
    r"(?:query|search|find|filter|list|lookup|fetch|get|read|count|preview|validate|check|calculate|estimate|compare|suggest)(?:[_-]|$)",
    re.IGNORECASE,
)
"""What a POST begins with by its path or its name that puts a question too long for an address."""
_SHOWN = 3
_TELLING = 2
_FEWEST = 3
"""Routes of an application that is worth tests of its own."""
_GENERATED = frozenset({"schemathesis"})
"""What asks for all routes by itself."""
_SLASHED = re.compile(rb"(?<!\^)/[\w./-]+")
"""Behind `^` begins a pattern: it is compared with addresses, and asks for none."""
_BROWSERS = frozenset({"playwright", "selenium", "seleniumbase", "splinter", "helium"})
"""Their tests come to pages by links and buttons."""
_ASKING = re.compile(
    r"client|http|request|url|test_?app|webtest|socket|django|flask|subprocess|curl|liveserver|(?<![a-z])server|multiprocessing"
    r"|behave|tavern|locust|api_test|rest_framework|playwright|selenium|splinter|helium",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"client|page|browser|driver|_app|server|http")
"""Fixtures of plugins: what else tests are given, their own files make."""


def detect_untouched_routes(project: Project) -> Iterator[Sighting]:
    """The routes of an application that no test requests: one finding for all of them."""
    if not project.suite.items or _is_generated(project):
        return
    served: dict[str, list[Route]] = defaultdict(list)
    for route in project.routes:
        if route.application and not is_hung_for_developers(project, route):
            served[route.application].append(route)
    for routes in served.values():
        unasked = _unasked(project, routes)
        missing = _missing(project, unasked)
        if missing:
            yield _sighting(project, missing, len({_key(route) for route in routes}), len(unasked))


def _is_generated(project: Project) -> bool:
    return _is_imported_by_tests(project, _GENERATED)


def _is_browsed(project: Project) -> bool:
    return _is_imported_by_tests(project, _BROWSERS)


def _is_imported_by_tests(project: Project, libraries: frozenset[str]) -> bool:
    return any(
        part.module.split(".", 1)[0] in libraries
        for module in project.modules.values()
        if module.kind is FileKind.TEST
        for part in module.imports
    )


def _unasked(project: Project, routes: list[Route]) -> list[Route]:
    """Those that no request which was read comes to."""
    through = project.requests.through_clients
    found = [
        route
        for route in routes
        if route.symbol != ROOT_VIEW and route not in through and not project.requests.of(route)
    ]
    return list({_key(route): route for route in found}.values())


def _missing(project: Project, unasked: list[Route]) -> list[Route]:
    """Those of them that nothing speaks of by which they could be asked for after all."""
    if _is_silent(project):
        return unasked
    named = project.requests.named
    product, tests = (_Texts(project, kind) for kind in (FileKind.PRODUCTION, FileKind.TEST))
    return [
        route
        for route in unasked
        if route.symbol.rpartition(".")[2] not in named
        and not _is_asked_by_ourselves(product, route)
        and not _is_written_in_tests(project, tests, route)
    ]


def _is_silent(project: Project) -> bool:
    """Whether no test asks anybody anything: a path that stands in one is compared, and not asked for."""
    requests = project.requests
    if requests.made or requests.unread or requests.named:
        return False
    if any(case.interface in (Interface.REAL, Interface.IN_PROCESS) for case in project.suite.tests):
        return False
    return not any(_may_ask(module) for module in project.modules.values() if module.kind is FileKind.TEST)


def _may_ask(module: Module) -> bool:
    """By what it imports, or by what its functions are given."""
    return any(_ASKING.search(f"{part.module}.{part.name}") for part in module.imports) or any(
        _GIVEN.search(part.name)
        for scope in module.scopes
        if scope.kind == "function"
        for part in scope.parameters
    )


def spelled_with_slashes(module: Module) -> bytes:
    """Each once, with spaces between them; a reader, see `Module.reading`."""
    return b" ".join(sorted(set(_SLASHED.findall(module.packed_bodies))))


class _Texts:
    """What files of a kind spell with slashes, so that not each route is looked for in all that they hold."""

    def __init__(self, project: Project, kind: FileKind) -> None:
        self._modules = [module for module in project.modules.values() if module.kind is kind]
        self._texts = {module: module.reading(spelled_with_slashes) for module in self._modules}
        self._all = b" ".join(self._texts.values())

    def holding(self, spelled: bytes) -> Iterator[Module]:
        """The files that have this text somewhere."""
        if not _SLASHED.fullmatch(spelled):
            yield from (module for module in self._modules if spelled in module.packed_bodies)
        elif spelled in self._all:
            yield from (module for module, texts in self._texts.items() if spelled in texts)


def _is_asked_by_ourselves(product: _Texts, route: Route) -> bool:
    """Another program of the project names the whole path: the tests of that one may come here, too."""
    if "{" in route.path or "<" in route.path or route.path.count("/") < _TELLING:
        return False
    return any(module.path != route.file for module in product.holding(route.path.encode()))


def _is_written_in_tests(project: Project, tests: _Texts, route: Route) -> bool:
    """The end of its path stands in some test, which may put the rest of it together in a way that is not read."""
    segments = of_route(route.path)
    words = [part for part in segments if part not in (HOLE, NUMBER, REST) and part]
    if not words:
        return False
    # `/health` is written in full: only in a file whose requests were not taken for any, as nothing seems to run it
    read = {request.scope.path for request in project.requests.made} if len(words) == 1 else set()
    read -= {case.path for case in project.suite.tests if not case.collected}
    spelled = f"/{words[-1]}".encode() if len(words) > 1 or len(segments) == 1 else b""
    return bool(spelled) and any(module.path not in read for module in tests.holding(spelled))


def _changes(route: Route) -> bool:
    last = next((part for part in reversed(route.path.split("/")) if part and part[0] not in "<{"), "")
    is_question = _ASKS.match(last) or _ASKS.match(route.symbol.rpartition(".")[2])
    return route.method in _CHANGING and not (route.method == "POST" and is_question)


def _key(route: Route) -> tuple[str, str]:
    return route.method, route.path


def _sighting(project: Project, missing: list[Route], total: int, unasked: int) -> Sighting:
    asked = project.contract.reached
    ordered = sorted(
        missing, key=lambda route: (not _changes(route), route not in asked, route.file, route.line)
    )
    first = ordered[0]
    changing = sum(map(_changes, missing))
    count = _count(missing, total, unasked)
    return Sighting(
        place=Place(path=first.file, line=first.line, symbol=first.symbol),
        message=f"no test asks for {count} of this application{_idle(project, first)} over HTTP"
        + (
            f", {changing} of them by methods that are for changes (POST, PUT, PATCH, DELETE)"
            if changing
            else ""
        )
        + f": {_areas(missing)}",
        severity=Severity.HIGH if changing * 2 >= total else Severity.MEDIUM if changing else Severity.LOW,
        confidence=_confidence(project, missing)
        if changing and total >= _FEWEST and _is_deployed(project, first)
        else Confidence.POSSIBLE,
        sites=tuple(Place(path=route.file, line=route.line, symbol=route.symbol) for route in ordered[1:]),
        subject=first.application,
        reach=Reach.ROUTE,
    )


def _idle(project: Project, route: Route) -> str:
    return (
        ", which nothing in the repository starts," if route.application in project.idle_applications else ""
    )


def _is_deployed(project: Project, route: Route) -> bool:
    """Whether something starts its application: of a copy that nobody runs, nobody misses a test."""
    made = project.modules.get(route.application_file)
    return not _idle(project, route) and made is not None and project.once(Live).is_loaded(made)


def _count(missing: list[Route], total: int, unasked: int) -> str:
    """Those whose paths merely stand somewhere may be asked for, or not."""
    if len(missing) == total:
        return f"any of the {total} routes"
    return f"{'at least ' if len(missing) < unasked else ''}{len(missing)} of the {total} routes"


def _areas(missing: list[Route]) -> str:
    """`POST /orders` of a single file, else the files with most of them."""
    files = Counter(route.file for route in missing)
    if len(files) == 1:
        shown = [f"`{route.method} {route.path}`" for route in missing[:_SHOWN]]
        left = len(missing) - len(shown)
    else:
        shown = [f"{count} in {path}" for path, count in files.most_common(_SHOWN)]
        left = len(files) - len(shown)
    noun = "" if len(files) == 1 else " file" if left == 1 else " files"
    more = f" and {left} more{noun}" if left > 0 else ""
    return ", ".join(shown) + more


def _confidence(project: Project, routes: list[Route]) -> Confidence:
    """A test whose address could not be read may ask for any of them, and so may one that clicks."""
    requests = project.requests
    by_name = bool(requests.named) and any(route.framework == "django" for route in routes)
    unread = requests.unread or by_name or project.once(FollowedAddresses).found
    if unread or _is_browsed(project) or not all(route.certain for route in routes):
        return Confidence.POSSIBLE
    return Confidence.PROBABLE


MODE = FailureMode(
    code="INT002",
    name="route-untouched",
    family=Family.INTERFACE,
    summary="a route is mounted, and no test asks for it over HTTP or a socket",
    consequence="that it is reachable, decodes what it is sent and answers what it should is seen first by a user",
    remedy="ask for it in a test over HTTP, once as it should be and once as it should not",
    source="product B of the field: tests that called services directly, and users who met 404 on register and login",
    detector=detect_untouched_routes,
    surest=Confidence.PROBABLE,
)
