"""One method of a class that does not ask what the others of the class ask."""

import re
from collections import defaultdict
from collections.abc import Iterator

from greenroom.catalogue.interface.changing_routes import CHANGING, leaves_something
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, last_name
from greenroom.project.code.mentions import deep
from greenroom.project.code.module import Scope
from greenroom.project.web.authentication import Authentication

_WHO = re.compile(
    r"(?<![a-z])users?(?![a-z])|staff|admin|auth|perm|role|owner|session|login|member|token|account|(?:^|\.)(?:has|can)_",
    re.IGNORECASE,
)
_CHECKS = re.compile(
    r"check|require|ensure|verif|assert|perm|authori|authenti|forbid|is_allowed|_or_40[134]|test_func|get_object$"
)
_REFUSALS = frozenset(
    {"Http404", "PermissionDenied", "NotAuthenticated", "AuthenticationFailed", "Forbidden", "Unauthorized", "NotFound", "HTTPForbidden",
     "HTTPUnauthorized", "HTTPNotFound", "HttpResponseForbidden", "handle_no_permission"}
)  # fmt: skip
_STATUS = frozenset({401, 403, 404})
_ANSWERS = ("raise", "return", "expression")


def unguarded_methods(checks: Authentication, routes: list[Route]) -> Iterator[Sighting]:
    """Methods that change data, of classes whose `get` turns people away by a condition on who they are, or on who there is.

    Args:
        checks: what stands in front of routes.
        routes: those of one file, of one application.
    """
    by_class: dict[tuple[Scope, str], dict[str, tuple[Route, Scope]]] = defaultdict(dict)
    for route in routes:
        handler = checks.handler(route)
        if handler is not None and handler.owner is not None and handler.name == route.method.lower():
            by_class[handler.owner, route.path][route.method] = (route, handler)
    for methods in by_class.values():
        if "GET" in methods and not checks.asks_in_a_hook(methods["GET"][1]):
            yield from _in_class(checks, methods)


def _in_class(checks: Authentication, methods: dict[str, tuple[Route, Scope]]) -> Iterator[Sighting]:
    reading, get = methods["GET"]
    condition = _turns_away(get)
    if not condition:
        return
    for method, (route, handler) in methods.items():
        if method in CHANGING and handler is not get and not _checks_itself(handler):
            sure = route.certain and leaves_something(checks, route) and not checks.may_ask_in_a_base(route)
            yield Sighting(
                place=Place(path=route.file, line=route.line, symbol=route.symbol),
                message=f"`{method} {route.path}` does not ask what GET of the same class asks (line {condition}) before it "
                "answers: whoever is turned away there may still change data here",
                severity=Severity.HIGH,
                confidence=Confidence.PROBABLE if sure else Confidence.POSSIBLE,
                sites=(Place(path=reading.file, line=condition, symbol=reading.symbol),),
                subject=f"{method} {route.path}",
                cause=f"{route.file}:{route.symbol}",
            )


def _turns_away(get: Scope) -> int:
    """The line of a condition at its top that speaks of people and refuses; 0 where there is none."""
    body = get.body
    for number, block in enumerate(body.blocks):
        if block.kind == "if" and block.parent == 0 and _speaks_of_people(get, block.detail):
            answers = [part for part in body.statements if part.block == number and part.kind in _ANSWERS]
            if any(_refuses(get, part.value) for part in answers):
                return block.line
    return 0


def _speaks_of_people(scope: Scope, test: Expression) -> bool:
    return any(_WHO.search(part) for part in _words(scope, test))


def _words(scope: Scope, expression: Expression) -> Iterator[str]:
    """The names in an expression, in the calls in it, and the keywords of these."""
    for part in deep(scope.body, expression):
        if isinstance(part, str):
            yield part
        elif isinstance(part, int):
            yield last_name(scope.body.calls[part].callee)
            yield from (key for key, _ in scope.body.calls[part].keywords if key is not None)


def _refuses(scope: Scope, answer: Expression) -> bool:
    parts = list(deep(scope.body, answer))
    names = [last_name(scope.body.calls[part].callee) if isinstance(part, int) else part for part in parts]
    return any(isinstance(name, str) and last_name(name) in _REFUSALS for name in names) or any(
        type(value := facts.constant(part)) is int and value in _STATUS for part in parts
    )


def _checks_itself(handler: Scope) -> bool:
    """Whether it, too, speaks of people in a condition, or looks as if it asked."""
    body = handler.body
    if handler.decorators or any(_CHECKS.search(last_name(call.callee)) for call in body.calls):
        return True
    tests = [block.detail for block in body.blocks if block.kind in ("if", "while")]
    tests += [part.value for part in body.statements if part.kind == "assert"]
    read = [part.value for part in body.statements]
    read += [part for call in body.calls for part in (*call.arguments, call.callee)]
    return any(_speaks_of_people(handler, test) for test in tests) or any(
        isinstance(part, str) and {"user", "current_user"} & set(part.split("."))
        for expression in read
        for part in facts.walk(expression)
    )
