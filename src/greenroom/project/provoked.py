"""Whether a function of the suite makes a dependency fail."""

from collections.abc import Iterator

from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope

_FAILURE = ("Error", "Exception", "Timeout", "Failure", "Refused", "Unavailable", "Disconnected")
_FAULTS = ("toxiproxy", "add_toxic", "pause", "kill", "disconnect_all")
_THROWS = ("side_effect", "exc", "exception", "body", "raises", "error")
_STATUS = ("status_code", "status", "return_status")
_LOWEST_SERVER_ERROR = 500
_TOO_MANY_REQUESTS = 429


def provokes_failure(scope: Scope) -> bool:
    """A double that raises or answers with an error, a fault injector, a container that is stopped."""
    body = scope.body
    return any(_makes_fail(scope, call) for call in body.calls) or any(
        part.kind == "assign"
        and any(isinstance(target, str) and target.endswith("side_effect") for target in part.target)
        and _is_failure(scope, part.value)
        for part in body.statements
    )


def _makes_fail(scope: Scope, call: Call) -> bool:
    name = call.callee.rsplit(".", 1)[-1] if isinstance(call.callee, str) else ""
    if name in _FAULTS:
        return True
    for key, value in call.keywords:
        if key in _THROWS and _is_failure(scope, value):
            return True
        if key in _STATUS and _is_error_status(value):
            return True
    return name in ("Response", "HttpResponse") and any(_is_error_status(part) for part in call.arguments[:1])


def _is_error_status(value: Expression) -> bool:
    status = facts.constant(value)
    return isinstance(status, int) and (status >= _LOWEST_SERVER_ERROR or status == _TOO_MANY_REQUESTS)


def _is_failure(scope: Scope, value: Expression) -> bool:
    """An exception class, an instance of one, or a sequence that holds one."""
    return any(name.rsplit(".", 1)[-1].endswith(_FAILURE) for name in _names(scope, value))


def _names(scope: Scope, value: Expression) -> Iterator[str]:
    for part in facts.walk(value):
        if isinstance(part, str):
            yield part
        elif isinstance(part, int) and isinstance(callee := scope.body.calls[part].callee, str):
            yield callee
