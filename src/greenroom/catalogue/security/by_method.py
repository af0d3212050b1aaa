"""Which requests of a handler come to a place in it, where it asks for their method: `if request.method == "POST":`."""

import re
from typing import Final

from greenroom.catalogue.security.incoming import Incoming, Reader
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.web.route_entries import label_of

_METHOD: Final = re.compile(r"^(?:self\.)?(?:request|req)\.method$")
_BODY: Final = re.compile(r"\b(?:form|POST|files|FILES|json|get_json|data|body)\b")
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def label_at(project: Project, reader: Reader, found: Incoming, place: tuple[Scope, Call]) -> str:
    """What a message calls the requests that come to a place with a value of theirs; empty where none does."""
    handler = found.handler
    entry = project.entries.entry(handler)
    usual = entry.label if entry is not None else f"`{handler.qualname}`"
    call = _call_in(handler, found, place)
    routes = reader.routes(handler)
    if call is None or not routes:
        return usual
    coming = [route for route in routes if route.method == "*" or _comes(handler, call, route.method)]
    if _BODY.search(found.spelled):
        coming = [route for route in coming if route.method not in _WITHOUT_BODY] or coming
    labels = [label_of(route) for route in coming]
    if usual in labels or len(coming) == len(routes):
        return usual
    return labels[0] if labels else ""


def _call_in(handler: Scope, found: Incoming, place: tuple[Scope, Call]) -> Call | None:
    """The call in the handler that is made there, or that leads there."""
    if place[0] is handler:
        return place[1]
    return next((caller.body.calls[number] for caller, number in found.calls if caller is handler), None)


def _comes(handler: Scope, call: Call, method: str) -> bool:
    return all(_answer(test, method) in (None, holds) for _, test, holds in Flow(handler.body).decided(call))


def _answer(test: Expression, method: str) -> bool | None:
    """What a test says for requests of this method; None where it asks for more."""
    if not isinstance(test, tuple):
        return None
    if test[:2] == (facts.OPERATION, "not"):
        inner = _answer(test[2][0], method)
        return None if inner is None else not inner
    if test[0] == facts.EITHER and test[1] in ("and", "or"):
        decides = bool(test[1] == "or")
        parts = [_answer(part, method) for part in test[2]]
        return decides if decides in parts else None if None in parts else not decides
    return _compared(test, method) if test[0] == facts.COMPARE else None


def _compared(test: tuple[Expression, ...], method: str) -> bool | None:
    operators, operands = test[1], test[2]
    if len(operators) != 1 or not isinstance(operands[0], str) or not _METHOD.match(operands[0]):
        return None
    given = operands[1]
    listed = given[2] if isinstance(given, tuple) and given[0] == facts.SEQUENCE else (given,)
    named = [facts.constant(part) for part in listed]
    if not all(isinstance(name, str) for name in named) or operators[0] not in ("==", "!=", "in", "not in"):
        return None
    return (method in named) is (operators[0] in ("==", "in"))
