"""Requests of tests that no route serves: the test is green, and asks nobody."""

import re
from collections.abc import Iterator

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.module import Scope
from greenroom.project.contract.pattern import Segments, fit, is_same, of_request, of_route
from greenroom.project.project import Project
from greenroom.project.web.requests import Request

_SURE_SHARE, _SURE_COUNT = 0.9, 10
_REFUSALS = range(300, 600)
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
    """Of tests whose other requests are served, those to a path that no route has, and that expect no refusal.

    Possible at most: where such a test is green, it looks at nothing, or the application makes the route in a way that was not read.
    """
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
        yield _sighting(request)


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


def _sighting(request: Request) -> Sighting:
    asked = f"{request.method} {request.path}"
    return Sighting(
        place=Place(path=request.scope.path, line=request.line, symbol=request.scope.qualname),
        message=f"the test asks for `{asked}`, which no route of the application serves",
        severity=Severity.MEDIUM,
        confidence=Confidence.POSSIBLE,
        consequence="the test is green whatever the application does, because nothing of it is asked",
        remedy="ask for the route that is meant, or take the test away",
        subject=asked,
        cause=f"test {asked}",
        reach=Reach.TEST,
    )
