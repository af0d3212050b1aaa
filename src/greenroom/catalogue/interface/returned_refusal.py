"""A dependency that returns its refusal in place of raising it: the framework drops what it gives back, and lets everybody in."""

from collections.abc import Iterator
from typing import Final

from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression, Statement, last_name
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.web.signs import is_refusal

_LISTS: Final = words("dependencies")
_INJECTS: Final = frozenset({"Depends", "Security"})
_ANSWER: Final = "Response"
_FRAMEWORK: Final = "asgi"
_FARTHEST: Final = 2


def returned_refusals(project: Project) -> Iterator[Sighting]:
    """Functions in some `dependencies=[Depends(…)]` that answer with 401 or 403 by `return`, and raise nothing."""
    seen: set[Scope] = set()
    for scope in mentioning(project.production(), _LISTS):
        for call in scope.body.calls:
            listed = call.keyword("dependencies")
            for guard in _guards(project, scope, listed) if listed is not None else ():
                if guard in seen:
                    continue
                seen.add(guard)
                refusal = _returned(guard)
                behind = [route for route in project.routes if _is_behind(route, guard)]
                if refusal is not None and behind and not _may_raise(project, guard, 0):
                    yield _sighting(guard, refusal, behind)


def _guards(project: Project, scope: Scope, listed: Expression) -> Iterator[Scope]:
    """The project's functions in a list of dependencies, whose results nobody takes."""
    for part in facts.walk(listed):
        call = scope.body.calls[part] if isinstance(part, int) else None
        if call is not None and last_name(call.callee) in _INJECTS and call.arguments:
            for value in project.inference.expression(scope, call.arguments[0]):
                if value.kind == "function" and not value.ref.facts.is_generator:
                    yield value.ref


def _returned(guard: Scope) -> Statement | None:
    """The first `return JSONResponse(status_code=401)`."""
    return next(
        (
            part
            for part in guard.body.statements
            if part.kind == "return" and _refuses(guard.body, part.value)
        ),
        None,
    )


def _refuses(body: Body, value: Expression) -> bool:
    call = body.calls[value] if isinstance(value, int) else None
    if call is None or not last_name(call.callee).endswith(_ANSWER):
        return False
    return any(is_refusal(part) for part in (*call.arguments, *(given for _, given in call.keywords)))


def _is_behind(route: Route, guard: Scope) -> bool:
    return route.framework == _FRAMEWORK and bool(route.application) and guard.name in route.guards


def _may_raise(project: Project, scope: Scope, depth: int) -> bool:
    """Whether it, or what it calls of the project, ends in an exception somewhere: that keeps people out after all."""
    if any(part.kind in ("raise", "assert") for part in scope.body.statements):
        return True
    if depth == _FARTHEST:
        return False
    targets = (edge.target for edge in project.graph.edges(scope))
    return any(_may_raise(project, target, depth + 1) for target in targets if target is not None)


def _sighting(guard: Scope, refusal: Statement, behind: list[Route]) -> Sighting:
    first = min(behind, key=lambda route: (route.method == "GET", route.file, route.line))
    more = len(behind) - 1
    others = f" and {more} more route{'s' if more > 1 else ''}" if more else ""
    return Sighting(
        place=Place(path=guard.path, line=refusal.line, symbol=guard.qualname),
        message=f"`{guard.name}` returns its refusal, and what a dependency in `dependencies=[…]` returns is dropped: "
        f"`{first.method} {first.path}`{others} let everybody in",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE,
        consequence="whoever comes without a login is let through; the refusal is made, and nobody sends it",
        remedy="raise `HTTPException(401)` in place of returning a response, and test a route without a login",
        sites=tuple(Place(path=route.file, line=route.line, symbol=route.symbol) for route in behind),
        subject=guard.name,
        cause=f"{guard.path}:{guard.qualname}:returned",
    )
