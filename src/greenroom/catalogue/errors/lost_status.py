"""A failure that is told, and arrives as success: an exception that is returned, a status that the framework takes for data."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression, Statement
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project
from greenroom.project.web.authentication import handler_of

_EXCEPTIONS: Final = frozenset({"fastapi.HTTPException", "fastapi.exceptions.HTTPException", "starlette.exceptions.HTTPException"})  # fmt: skip
_REFUSALS: Final = range(400, 600)
_NAMED: Final = re.compile(r"(?:^|\.)HTTP_[45]\d\d_\w+$")
_CONSEQUENCE: Final = "whoever asked gets 200 (or, where the answer has a model, an internal error) and takes the failure for a result"


class _Lost(NamedTuple):
    scope: Scope
    line: int
    is_handled: bool
    """It stands where something has failed: in an `except`."""


def find_lost_statuses(project: Project) -> Iterator[Sighting]:
    """One sighting for each file and each way to lose the status."""
    found: dict[tuple[str, str, str], list[_Lost]] = defaultdict(list)
    for scope, framework in _handlers(project, project.routes).items():
        body = scope.body
        for part in body.statements:
            how = _how(project, scope, part, framework) if part.kind == "return" else None
            if how is not None:
                lost = _Lost(scope, part.line, _is_handled(body, part.block))
                found[scope.path, *how].append(lost)
    for (_, what, remedy), together in found.items():
        yield _sighting(what, remedy, together)


def _handlers(project: Project, routes: Iterable[Route]) -> dict[Scope, str]:
    """The functions that answer, each with its framework; a decorator of the project's own may raise what it is given."""
    found = {}
    for route in routes:
        scope = handler_of(project.modules, route)
        if scope is None or not scope.is_function:
            continue
        plain = len(scope.decorators) < 2
        if route.framework == "flask" or (route.framework == "asgi" and plain and _is_fastapi(scope.module)):
            found[scope] = route.framework
    return found


def _is_fastapi(module: Module) -> bool:
    return any(not part.level and part.module.partition(".")[0] == "fastapi" for part in module.imports)


def _how(project: Project, scope: Scope, part: Statement, framework: str) -> tuple[str, str] | None:
    """What is returned there, and what to do instead."""
    body, value = scope.body, part.value
    if framework == "flask":
        if type(value) is int and _dotted(project, scope, body, value) == "flask.jsonify":
            given = body.calls[value].arguments
            if len(given) > 1 and _is_refusal(given[-1]):
                return (
                    "the status is given to `jsonify`, which puts it into the body",
                    "return `jsonify(…), status`",
                )
        return None
    if type(value) is int and _dotted(project, scope, body, value) in _EXCEPTIONS:
        return (
            "an `HTTPException` is returned, and FastAPI makes its fields the body of an answer",
            "raise it",
        )
    if _is_answer_with_status(value):
        return "a status is returned beside the body, as Flask has it: FastAPI makes both a list", "return a `JSONResponse` with the status, or raise an `HTTPException`"  # fmt: skip
    return None


def _dotted(project: Project, scope: Scope, body: Body, call: int) -> str:
    callee = body.calls[call].callee
    return project.symbols.dotted(scope.module, callee) if isinstance(callee, str) else ""


def _is_answer_with_status(value: Expression) -> bool:
    """`return {"error": "no rates"}, 502`; two numbers are two numbers."""
    if type(value) is not tuple or value[:2] != (facts.SEQUENCE, "tuple") or len(value[2]) < 2:
        return False
    first, second = value[2][:2]
    is_body = (type(first) is tuple and first[0] == facts.MAPPING) or isinstance(facts.constant(first), str)
    return (is_body or type(first) is int) and _is_refusal(second)


def _is_refusal(expression: Expression) -> bool:
    """`404`, `status.HTTP_404_NOT_FOUND`."""
    if isinstance(expression, str):
        return _NAMED.search(expression) is not None
    status = facts.constant(expression)
    return isinstance(status, int) and status in _REFUSALS


def _is_handled(body: Body, block: int) -> bool:
    return any(part.kind == "except" for part in body.enclosing(block))


def _sighting(what: str, remedy: str, lost: list[_Lost]) -> Sighting:
    lost.sort(key=lambda part: (not part.is_handled, part.line))
    first, *others = lost
    more = f", at {len(lost)} places" if others else ""
    return Sighting(
        place=Place(path=first.scope.path, line=first.line, symbol=first.scope.qualname),
        message=f"`{first.scope.name}` tells a failure that arrives as success{more}: {what}",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE if first.is_handled else Confidence.POSSIBLE,
        consequence=_CONSEQUENCE,
        remedy=f"{remedy}, and assert the status in a test that goes through HTTP",
        sites=tuple(
            Place(path=part.scope.path, line=part.line, symbol=part.scope.qualname) for part in others
        ),
        subject="lost status",
        cause=f"{first.scope.path}:{what}",
        reach=Reach.ROUTE,
    )
