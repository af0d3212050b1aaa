"""Whether a function of the suite makes a dependency fail."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.code.searches import Needles

_FAILURE = ("Error", "Exception", "Timeout", "Failure", "Refused", "Unavailable", "Disconnected")
_FAULTS = frozenset({"toxiproxy", "add_toxic", "add_exception", "disconnect_all"})
_STOPS = frozenset({"pause", "kill", "terminate", "stop", "shutdown", "send_signal"})
_THINGS = re.compile(
    r"container|server|process|proc|redis|postgres|database|broker|rabbit|kafka|proxy|service|docker|daemon"
)
_RUNS = frozenset({"run", "check_call", "check_output", "call", "Popen", "create_subprocess_exec"})
"""`subprocess.run(["docker", "stop", "redis"])`"""
_NAMED = _FAULTS | _STOPS | _RUNS
_THROWS = frozenset({"side_effect", "exc", "exception", "body", "raises", "error"})
_STATUS = frozenset({"status_code", "status", "return_status"})
_ANSWERED = (".status_code", ".status")
_RESPONSES = frozenset({"Response", "HttpResponse", "respond"})
_STANDS_IN = re.compile(
    r"(?:Fake|Stub|Mock|Dummy|Scripted)\w*(?:Client|Session|Transport|Response|Server|Http|HTTP|Api|API)\Z"
)
"""A class of the suite's own that is given the statuses which it answers with."""
_THROWING = tuple(word.encode() for word in sorted(_THROWS))
_STATUS_WORDS = (b"status",)
_RAISING = (b"raise",)
_LOWEST_SERVER_ERROR = 500
_TOO_MANY_REQUESTS = 429
_NOTHING: frozenset[tuple[str, int]] = frozenset()


def provokes_failure(scope: Scope, known: AbstractSet[tuple[str, int]] = _NOTHING) -> bool:
    """A double that raises, a fault injector, a service that is stopped in the middle of the test.

    Args:
        scope: a test, a fixture, a set-up.
        known: path and line of doubles which the caller has read itself.
    """
    named = not _NAMED.isdisjoint(scope.facts.called)
    if any(_raises(child) for child in scope.children if child.is_function):
        return True
    if not named and not _holds(scope, _THROWING):
        return False
    body = scope.body
    calls = [call for call in body.calls if (named or call.keywords) and (scope.path, call.line) not in known]
    if any(_makes_fail(scope, call) for call in calls):
        return True
    return any(
        part.kind == "assign"
        and any(isinstance(target, str) and target.endswith("side_effect") for target in part.target)
        and _is_failure(scope, part.value)
        for part in body.statements
    )


def answers_with_error(scope: Scope, lowest: int = _LOWEST_SERVER_ERROR) -> bool:
    """A double of a server that answers with 429 or 5xx.

    Args:
        scope: a test, a fixture, a set-up.
        lowest: the lowest status that is taken for an error.
    """
    standing = any(_STANDS_IN.search(name) for name in scope.facts.called)
    if not standing and not _holds(scope, _STATUS_WORDS) and _RESPONSES.isdisjoint(scope.facts.called):
        return False
    for call in scope.body.calls:
        name = call.callee.rsplit(".", 1)[-1] if isinstance(call.callee, str) else ""
        given = [value for key, value in call.keywords if key in _STATUS]
        if name in _RESPONSES:
            given += call.arguments[:1]
        elif standing and _STANDS_IN.search(name):
            given += [part for value in call.arguments for part in (value, *_listed(value))]
        if any(_is_error_status(value, lowest) for value in given):
            return True
    return any(
        part.kind == "assign"
        and any(isinstance(target, str) and target.endswith(_ANSWERED) for target in part.target)
        and _is_error_status(part.value, lowest)
        for part in scope.body.statements
    )


def _holds(scope: Scope, words: Needles) -> bool:
    """Whether its body may name one of these: told from its packed form."""
    return scope.module.places(words) >> scope.index & 1 == 1


def _makes_fail(scope: Scope, call: Call) -> bool:
    base, _, name = call.callee.rpartition(".") if isinstance(call.callee, str) else ("", "", "")
    if name in _FAULTS or (name in _STOPS and _THINGS.search(base.lower())):
        return not _is_tidying(scope, call)
    if name in _RUNS and _STOPS & {
        facts.constant(part) for given in call.arguments for part in facts.walk(given)
    }:
        return not _is_tidying(scope, call)
    return any(key in _THROWS and _is_failure(scope, value) for key, value in call.keywords)


def _is_tidying(scope: Scope, call: Call) -> bool:
    """Whether the service is stopped at the end: in a `finally`, behind the fixture's yield."""
    yields = [part.line for part in scope.body.statements if part.kind == "yield"]
    if yields and call.line > min(yields):
        return True
    return any(block.kind == "finally" for block in scope.body.enclosing(call.block))


def _raises(function: Scope) -> bool:
    """A function inside the test that raises a failure, to stand in the place of another."""
    return _holds(function, _RAISING) and any(
        part.kind == "raise" and part.value is not None and _is_failure(function, part.value)
        for part in function.body.statements
    )


def _listed(value: Expression) -> tuple[Expression, ...]:
    return value[2] if isinstance(value, tuple) and value[0] == facts.SEQUENCE else ()


def _is_error_status(value: Expression, lowest: int) -> bool:
    status = facts.constant(value)
    return (
        isinstance(status, int)
        and not isinstance(status, bool)
        and (lowest <= status < 600 or status == _TOO_MANY_REQUESTS)
    )


def _is_failure(scope: Scope, value: Expression) -> bool:
    """An exception class, an instance of one, or a sequence that holds one."""
    return any(name.rsplit(".", 1)[-1].endswith(_FAILURE) for name in _names(scope, value))


def _names(scope: Scope, value: Expression) -> Iterator[str]:
    for part in facts.walk(value):
        if isinstance(part, str):
            yield part
        elif isinstance(part, int) and isinstance(callee := scope.body.calls[part].callee, str):
            yield callee
