"""Assertions about the status of an answer that no answer fails."""

import re
from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, spell
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_HEALTH: Final = re.compile(r"/[\w./-]*(?:health|ready|readiness|live|alive|status|heartbeat)", re.IGNORECASE)


class Statuses:
    """Judges them in the tests of one project."""

    def __init__(self, project: Project) -> None:
        self._swallows_paths = any(
            route.method in ("GET", "*") and _is_catch_all(route.path) and route.certain
            for route in project.routes
        )

    def why_any(self, function: Scope, test: Expression) -> str:
        """Not 404 where every path has a route; success and server error alike. Empty where it can fail."""
        if isinstance(test, tuple) and test[0] == facts.COMPARE and test[1] == ("!=",):
            left, right = test[2]
            if self._swallows_paths and facts.constant(right) == 404 and _is_status(function, left):
                return "the application has a catch-all route, so that no path answers 404"
        asked, codes = _alternatives(test)
        if asked is None or not _is_status(function, asked):
            return ""
        numbers = sorted(code for code in codes if isinstance(code, int))
        good = [code for code in numbers if 200 <= code < 300]
        broken = [code for code in numbers if code >= 500 and code not in (501, 503)]
        if good and broken and not _asks_for_health(function) and len(numbers) == len(codes):
            return f"success ({good[0]}) and a crash ({broken[0]}) are both accepted"
        return ""


def _alternatives(test: Expression) -> tuple[Expression, list[object]]:
    """What is compared, and each value that will do: `x in (1, 2)`, `x == 1 or x == 2`."""
    if not isinstance(test, tuple):
        return None, []
    if test[0] == facts.COMPARE and test[1] == ("in",):
        left, right = test[2]
        listed = isinstance(right, tuple) and right[0] == facts.SEQUENCE
        return (left, [facts.constant(part) for part in right[2]]) if listed else (None, [])
    if test[0] == facts.COMPARE and test[1] == ("==",):
        return test[2][0], [facts.constant(test[2][1])]
    if test[0] == facts.EITHER and test[1] == "or":
        parts = [_alternatives(part) for part in test[2]]
        if len({repr(left) for left, _ in parts}) == 1:
            return parts[0][0], [code for _, codes in parts for code in codes]
    return None, []


def _is_status(function: Scope, expression: Expression) -> bool:
    return spell(expression, function.body.calls).endswith((".status_code", ".status"))


def _asks_for_health(function: Scope) -> bool:
    """A health check answers 500 by design where something is down; the answer says what."""
    texts = (facts.constant(part) for call in function.body.calls for part in call.arguments)
    return any(isinstance(text, str) and _HEALTH.search(text) for text in texts)


def _is_catch_all(path: str) -> bool:
    """`/{path:path}`, `/<path:rest>`: whatever is asked for has a route."""
    return re.fullmatch(r"/?(?:\{\w+:path\}|<path:\w+>)", path) is not None
