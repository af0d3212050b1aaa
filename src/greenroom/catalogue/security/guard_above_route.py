"""A check that stands above the line that registers a route: the framework has the function without it."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.interface.asked_everywhere import is_asked_everywhere
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.calls.classes import decorator_name
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.web.authentication import Authentication

_GUARDS: Final = re.compile(
    r"^(?:(?:fresh_)?login_required|(?:auth|token|jwt|session|user|admin|superuser|staff|owner|member|api_?key|roles?|permissions?)_(?:required|needed)"
    r"|requires?_(?:\w*_)?(?:auth|authentication|login|token|jwt|user|admin|superuser|staff|owner|api_?key|roles?|permissions?|scopes?)"
    r"|roles_accepted|permissions_accepted|authenticated|authorized|authorize|login_needed)$",
    re.IGNORECASE,
)
_OF_ROLES: Final = re.compile(r"role|permission|admin|super|staff|scope|owner", re.IGNORECASE)
_REGISTERS: Final = frozenset({"route", "get", "post", "put", "patch", "delete", "websocket", "api_route"})
_FRAMEWORKS: Final = frozenset({"flask", "asgi", "sanic", "aiohttp"})
"""Their registering decorators give back the function that they were given, and keep it."""
_OF_LIBRARIES: Final = (
    "flask_login.", "flask_jwt_extended.", "flask_security.", "flask_httpauth.", "flask_principal.", "flask_praetorian.", "quart_auth.",
    "flask_user.", "flask_jwt.", "flask_allows.",
)  # fmt: skip


def guards_above_routes(project: Project) -> Iterator[Sighting]:
    """Each handler of which the only check stands above what registers it."""
    checks, asked = Authentication(project.modules, project.graph), None
    seen: set[tuple[str, int]] = set()
    for route in project.routes:
        place = (route.file, route.line)
        if route.framework not in _FRAMEWORKS or place in seen:
            continue
        seen.add(place)
        handler = checks.handler(route)
        above = _guard_above(project, handler) if handler is not None and handler.is_function else ""
        if above:
            asked = is_asked_everywhere(project) if asked is None else asked
            yield _sighting(route, above, _confidence(above, asked=asked or bool(route.guards)))


def _confidence(guard: str, *, asked: bool) -> Confidence:
    """Who is asked for a login by something else is not yet asked for a role."""
    if not asked:
        return Confidence.DEFINITE
    return Confidence.PROBABLE if _OF_ROLES.search(guard) else Confidence.POSSIBLE


def _guard_above(project: Project, handler: Scope) -> str:
    """The name of the check, where it stands above every line that registers, and no other stands below one."""
    names = [decorator_name(handler, each) for each in handler.decorators]
    places = [number for number, name in enumerate(names) if _registers(handler, number, name)]
    checks = [number for number, name in enumerate(names) if _GUARDS.match(name.rpartition(".")[2])]
    if not places or not checks or max(checks) > min(places):
        return ""
    outer = handler.parent
    wraps = outer is not None and all(_wraps(project, outer, handler.decorators[number]) for number in checks)
    return names[checks[0]] if wraps and not _asks_by_parameter(handler) else ""


def _registers(handler: Scope, number: int, name: str) -> bool:
    """`@orders.route("/orders")`, of something that has routes."""
    base, _, last = name.rpartition(".")
    decorator, outer = handler.decorators[number], handler.parent
    if not base or last not in _REGISTERS or outer is None or type(decorator) is not int:
        return False
    given = outer.body.calls[decorator].arguments
    return bool(given) and isinstance(facts.constant(given[0]), str)


def _wraps(project: Project, outer: Scope, decorator: Expression) -> bool:
    """Whether it gives another function for the one that it is given."""
    callee = outer.body.calls[decorator].callee if type(decorator) is int else decorator
    values = project.inference.expression(outer, callee)
    return bool(values) and all(
        (value.kind == "function" and _gives_another(value.ref))
        or (value.kind == "library" and str(value.ref).startswith(_OF_LIBRARIES))
        or (value.kind == "member" and str(value.ref[0]).startswith(_OF_LIBRARIES))
        for value in values
    )


def _gives_another(function: Scope) -> bool:
    """`def login_required(view): def checked(…): …; return checked`, also one call deeper."""
    inner = {child.name: child for child in function.children if child.kind == "function"}
    given = {part.value for part in function.body.statements if part.kind == "return"}
    if not given or not all(isinstance(name, str) and name in inner for name in given):
        return False
    returned = [inner[name] for name in given]
    called = {parameter.name for parameter in function.parameters}
    return all(_calls(child, called) or _gives_another(child) for child in returned)


def _calls(scope: Scope, names: set[str]) -> bool:
    return any(call.callee in names for call in scope.body.calls)


def _asks_by_parameter(handler: Scope) -> bool:
    """`user=Depends(current_user)`: what is injected may ask, too."""
    return any(
        type(parameter.default) is int or type(parameter.annotation) is tuple
        for parameter in handler.parameters
    )


def _sighting(route: Route, guard: str, confidence: Confidence) -> Sighting:
    return Sighting(
        place=Place(path=route.file, line=route.line, symbol=route.symbol),
        message=f"`@{guard}` stands above what registers `{route.method} {route.path}`: the route calls the function without it",
        severity=Severity.HIGH,
        confidence=confidence,
        remedy=f"write `@{guard}` below the line that registers the route, and test the route without a login",
        subject=guard,
        cause=f"{route.file}:{guard}",
        reach=Reach.ROUTE,
    )
