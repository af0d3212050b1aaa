"""What a fixture does once the test is over: nothing that happens then keeps the test from running."""

from greenroom.project.code.facts import Call
from greenroom.project.code.module import Scope


def before_the_yield(scope: Scope, calls: list[Call]) -> list[Call]:
    """Those of them that a fixture makes before its test runs; all of them where it does not yield."""
    last = _last_yield(scope)
    return [call for call in calls if not last or call.line <= last]


def tidies_up(scope: Scope, call: Call) -> bool:
    """Whether the call stands after the `yield`, and in no handler that may be entered before it."""
    last = _last_yield(scope)
    handlers = (block for block in scope.body.enclosing(call.block) if block.kind == "except")
    return bool(last) and call.line > last and next(handlers, None) is None


def _last_yield(scope: Scope) -> int:
    """Its line; 0 where there is none."""
    return max((part.line for part in scope.body.statements if part.kind == "yield"), default=0)
