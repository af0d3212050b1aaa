"""Which requests of a handler come to a place in it, where it asks for their method: `if request.method == "POST":`."""

import re
from collections import defaultdict
from typing import Final

from greenroom.model.route import Route
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.web.route_entries import label_of

_METHOD: Final = re.compile(r"^(?:self\.)?(?:request|req)\.method$")
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class ByMethod:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._routes: dict[tuple[str, int, str], list[Route]] = defaultdict(list)
        for route in project.routes:
            self._routes[route.file, route.line, route.symbol].append(route)

    def label(self, handler: Scope, call: Call, usual: str, *, has_body: bool = False) -> str:
        """What a message calls the requests that come to a call in a handler; empty where none does.

        Args:
            handler: the function of a route.
            call: in its body.
            usual: the label that is right where the handler asks for no method.
            has_body: whether what matters came in the body of a request.
        """
        routes = self._routes.get((handler.path, handler.line, handler.qualname), [])
        coming = [route for route in routes if route.method == "*" or _comes(handler, call, route.method)]
        if has_body:
            coming = [route for route in coming if route.method not in _WITHOUT_BODY] or coming
        labels = [label_of(route) for route in coming]
        if usual in labels or len(coming) == len(routes):
            return usual
        return labels[0] if labels else ""


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
