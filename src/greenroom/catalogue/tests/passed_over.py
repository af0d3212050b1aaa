"""Calls of which a failure is passed over, or is the answer itself; shared by the entries of this family."""

import re
from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.facts import last_name
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope

_PINGS: Final = frozenset(
    {"ping", "ensure_connection", "health", "is_connected", "check_connection", "heartbeat"}
)
_ASKS: Final = re.compile(
    r"(?:^|_)(?:ping|probe|alive|reachable|connected|connectivity)(?:_|$)|(?:connection|server|health)_(?:status|check|test)$"
    r"|^_?(?:test|check|verify|try)_(?:\w+_)?(?:connection|connect|server|imap|smtp|ldap|database|db|redis|status|health)$"
)
"""Functions that ask whether somebody is there."""
_TELLS: Final = re.compile(
    r"(?:^|\.)(?:print|debug|info|warning|warn|error|exception|log|str|repr|capture_exception)$"
)
_OF_TELEMETRY: Final = re.compile(
    r"telemetr|langfuse|langsmith|posthog|sentry|analytic|metrics|(?<![a-z])trac(?:e|es|ing)(?![a-z])"
)


def passes_over(scope: Scope, call: facts.Call) -> bool:
    """Whether a `try` or `suppress` around a call takes each error, and nobody misses what was asked."""
    flow = Flow(scope.body)
    if any(_suppresses(scope.body, block) for block in scope.body.enclosing(call.block)):
        return True
    for index, block in enumerate(scope.body.blocks):
        if block.kind != "try" or not flow.inside(call.block, index):
            continue
        for number, handler in flow.handlers(index):
            within = [part for part in scope.body.statements if flow.inside(part.block, number)]
            idle = all(part.kind == "pass" for part in within) and not flow.calls_in(number)
            takes_all = handler.detail[0] in (None, "Exception", "BaseException")
            if takes_all and (idle or _is_answer(scope, call, number) or _is_told_only(scope, number)):
                return True
    return False


def _suppresses(body: facts.Body, block: facts.Block) -> bool:
    """`with suppress(Exception):`."""
    if block.kind not in ("with", "async-with"):
        return False
    entered = [body.calls[value] for value, _ in block.detail if isinstance(value, int)]
    return any(
        last_name(call.callee) == "suppress" and not {"Exception", "BaseException"}.isdisjoint(call.arguments)
        for call in entered
    )


def _is_answer(scope: Scope, call: facts.Call, handler: int) -> bool:
    """`try: connection.ping()`, `except Exception: status = "Error"`: that nobody answers is what is asked, and told."""
    flow = Flow(scope.body)
    given = [
        part
        for part in scope.body.statements
        if flow.inside(part.block, handler) and part.kind in ("assign", "return")
    ]
    return (last_name(call.callee) in _PINGS or _ASKS.search(scope.name) is not None) and any(
        isinstance(facts.constant(part.value), str | bool) or _has_constant(part.value) for part in given
    )


def _has_constant(value: facts.Expression) -> bool:
    """`{"status": "down"}`."""
    return isinstance(value, tuple) and any(
        isinstance(facts.constant(part), str) for part in facts.walk(value)
    )


def _is_told_only(scope: Scope, handler: int) -> bool:
    """Whether a function of telemetry gives nothing back, and only tells that it failed."""
    flow, body = Flow(scope.body), scope.body
    returns = any(part.kind == "return" and part.value is not None for part in body.statements)
    within = [part for part in body.statements if flow.inside(part.block, handler)]
    return (
        not returns
        and _OF_TELEMETRY.search(f"{scope.path} {scope.qualname}".lower()) is not None
        and all(part.kind in ("expression", "pass", "return") for part in within)
        and all(_TELLS.search(facts.spell(part.callee, body.calls)) for part in flow.calls_in(handler))
    )
