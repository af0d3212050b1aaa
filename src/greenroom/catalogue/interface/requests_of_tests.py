"""Requests of tests that no route serves: the test is green, and asks nobody."""

import re
from collections.abc import Iterator

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.mentions import mentions
from greenroom.project.code.module import Module, Scope
from greenroom.project.contract.pattern import Segments, fit, is_same, of_request, of_route
from greenroom.project.project import Project
from greenroom.project.testing.runs import is_below
from greenroom.project.web.requests import Request

_SURE_SHARE, _SURE_COUNT = 0.9, 10
_AREA = 2
_REFUSALS = range(300, 600)
_APPLICATIONS = frozenset({"FastAPI", "Starlette", "Flask", "Quart", "Sanic", "Litestar", "Application", "Router", "APIRouter", "Blueprint"})  # fmt: skip
_TO_FILL_IN = re.compile(r"%[-+#]?[diuxf](?![0-9a-fA-F])")
"""`"/orders/%i" % order.id`."""
_NO_SUCH = re.compile(
    r"(?:^|[/_-])(?:not?[-_](?:a[-_]|an[-_]|such[-_]|real[-_]|existing[-_]?)(?:\w|-)*|non[-_]?exist\w*|does[-_]?not[-_]?exist|bogus|nowhere"
    r"|(?:unknown|missing|invalid|fake|random|undefined)[-_](?:route|path|url|page|endpoint|resource)|nope)(?:$|[/_-])",
    re.IGNORECASE,
)
"""A path that its author calls one that is not there."""
_DESCRIBING = frozenset({"fastapi", "litestar", "starlite", "ninja", "ninja_extra", "connexion", "apiflask", "flask_restx", "flask_smorest"})  # fmt: skip
_DESCRIPTION = re.compile(
    r"/(?:(?:openapi|swagger)(?:\.json|\.ya?ml)?|docs(?:/oauth2-redirect)?|redoc|schema(?:/.*)?)/?$"
)
"""Where such a framework describes by itself what the application serves."""
_FACTORY = re.compile(r"factory|(?:^|\.)rf$", re.IGNORECASE)
"""`RequestFactory` of Django and its like make a request, and send it nowhere."""


def requests_without_route(project: Project) -> Iterator[Sighting]:
    """Of tests whose other requests are served, those to a path that no route has, and that expect no refusal."""
    asked = [request for request in project.requests.made if _is_plain(request)]
    routes = [(of_route(route.path), route.method) for route in project.routes]
    mounts = [of_route(mount.path) for mount in project.mounts if mount.path.strip("/")]
    served = [request for request in asked if _is_served(request, routes, mounts)]
    if len(served) < _SURE_COUNT or len(served) < _SURE_SHARE * len(asked):
        return
    known = set(served)
    describes = _describes_itself(project)
    for request in asked:
        if describes and _DESCRIPTION.search(request.path):
            continue
        if request in known or _expects_refusal(request.scope) or _NO_SUCH.search(request.path):
            continue
        own = any(map(_makes_application, _around(project, request.scope.module)))
        sure = not own and not _reads_only_headers(request) and _is_made(project, request.scope)
        yield _sighting(project, request, sure=sure)


def _describes_itself(project: Project) -> bool:
    return any(
        not part.level and part.module.split(".", 1)[0] in _DESCRIBING
        for module in project.production()
        for part in module.imports
    )


def _is_plain(request: Request) -> bool:
    """Its method and its whole path are written, and it is sent."""
    return (
        bool(request.method)
        and request.certain
        and not request.is_handed_on
        and request.path.startswith("/")
        and "{" not in request.path
        and not _TO_FILL_IN.search(request.path)
        and not _is_made_only(request)
    )


def _is_made_only(request: Request) -> bool:
    calls = request.scope.body.calls
    makers = (
        facts.last_name(calls[part].callee) if isinstance(part, int) else part.rpartition(".")[0]
        for call in calls
        if call.line == request.line
        for part in facts.walk(call.callee)
        if isinstance(part, int | str)
    )
    return any(map(_FACTORY.search, makers))


def _is_served(request: Request, routes: list[tuple[Segments, str]], mounts: list[Segments]) -> bool:
    asked = of_request(request.path)[0]
    methods = (request.method, "GET") if _is_followed(request) else (request.method,)
    for pattern, method in routes:
        if (pattern == asked or fit(asked, pattern)) and any(_takes(method, each) for each in methods):
            return True
    return any(len(asked) >= len(mount) and is_same(asked[: len(mount)], mount) for mount in mounts)


def _is_followed(request: Request) -> bool:
    """`client.post("/orders/1", follow=True)`: Django redirects to the path with its slash, and GET asks for that."""
    return not request.path.endswith("/") and any(
        call.line <= request.line <= call.end_line and facts.constant(call.keyword("follow")) is True
        for call in request.scope.body.calls
    )


def _takes(method: str, asked: str) -> bool:
    return method in ("*", asked) or asked in ("HEAD", "OPTIONS")


def _reads_only_headers(request: Request) -> bool:
    """Whether a test asks the answer for its headers alone: a middleware puts them on any answer, a 404 included."""
    body = request.scope.body
    held = {
        name
        for part in body.statements
        if part.kind == "assign" and part.line <= request.line <= part.end_line
        for name in part.target
        if isinstance(name, str)
    }
    used = [part for name in held for part in mentions(body, name)]
    return bool(used) and all(part.split(".")[1:2] == ["headers"] for part in used)


def _expects_refusal(scope: Scope) -> bool:
    """`assert response.status_code == 404`, in the test or around it."""
    outer: Scope | None = scope
    while outer is not None and outer.kind != "module":
        parts = [part.value for part in outer.body.statements if part.kind == "assert"]
        parts += [argument for call in outer.body.calls for argument in call.arguments]
        parts += [value for call in outer.body.calls for _, value in call.keywords]
        parts += [block.detail for block in outer.body.blocks if block.kind == "if"]
        for part in parts:
            for inner in facts.walk(part):
                value = facts.constant(inner)
                if isinstance(value, int) and value in _REFUSALS:
                    return True
                if isinstance(inner, str) and (
                    "HTTP_4" in inner or "NOT_FOUND" in inner or "raises" in inner.lower()
                ):
                    return True
        outer = outer.parent
    return False


def _around(project: Project, module: Module) -> Iterator[Module]:
    """The file, and each conftest.py above it."""
    yield module
    for other in project.modules.values():
        if other.path.rpartition("/")[2] == "conftest.py" and is_below(module.path, other.folder or "."):
            yield other


def _makes_application(module: Module) -> bool:
    """Whether a file of tests makes an application of its own, with the routes that it needs."""
    return any(not _APPLICATIONS.isdisjoint(scope.facts.called) for scope in module.scopes)


def _is_in_known_area(project: Project, request: Request) -> bool:
    """Routes begin like it; else it may be for a server that the test makes up, or for a route that it registers."""
    segments = of_request(request.path)[0]
    return len(segments) > _AREA and segments[:_AREA] in project.contract.index.known_prefixes


def _is_made(project: Project, scope: Scope) -> bool:
    """Whether a test makes the request, or a helper that somebody calls or decorates."""
    while scope.parent is not None and scope.parent.is_function:
        scope = scope.parent
    return (
        scope.name.startswith("test")
        or bool(scope.decorators)
        or scope.owner is not None
        or any(True for _ in project.graph.callers(scope))
    )


def _sighting(project: Project, request: Request, *, sure: bool) -> Sighting:
    asked = f"{request.method} {request.path}"
    return Sighting(
        place=Place(path=request.scope.path, line=request.line, symbol=request.scope.qualname),
        message=f"the test asks for `{asked}`, which no route of the application serves",
        severity=Severity.MEDIUM,
        confidence=Confidence.PROBABLE
        if sure and _is_in_known_area(project, request)
        else Confidence.POSSIBLE,
        consequence="the test is green whatever the application does, because nothing of it is asked",
        remedy="ask for the route that is meant, or take the test away",
        subject=asked,
        cause=f"test {asked}",
        reach=Reach.TEST,
    )
