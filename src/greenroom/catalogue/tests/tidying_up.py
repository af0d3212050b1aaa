"""What is taken away: by a fixture once the test is over, or by a test that then looks for it."""

import re

from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Call, last_name
from greenroom.project.code.module import Scope

_TAKES_AWAY = re.compile(
    r"(?:[a-z]+_)*(?:delete|remove|destroy|discard|purge|drop|unlink|revoke)(?:_[a-z]+)*"
)
_NOT_THERE = re.compile(r"DoesNotExist|\w*Not_?Found\w*|\w*NoResult\w*|Missing\w*|KeyError|\w*Gone\w*")


def before_the_yield(scope: Scope, calls: list[Call]) -> list[Call]:
    """Those of them that a fixture makes before its test runs; all of them where it does not yield."""
    last = _last_yield(scope)
    return [call for call in calls if not last or call.line <= last]


def tidies_up(scope: Scope, call: Call) -> bool:
    """Whether the call stands after the `yield`, and in no handler that may be entered before it."""
    last = _last_yield(scope)
    handlers = (block for block in scope.body.enclosing(call.block) if block.kind == "except")
    return bool(last) and call.line > last and next(handlers, None) is None


def looks_for_what_it_took(scope: Scope, index: int, handlers: list[Block]) -> bool:
    """`order.delete()`, then `try: read(order)`, `except Order.DoesNotExist:` — that it is not there is right."""
    start = scope.body.blocks[index].line
    taken = any(
        call.line < start and _TAKES_AWAY.fullmatch(last_name(call.callee)) for call in scope.body.calls
    )
    return taken and all(_says_not_there(handler) for handler in handlers)


def _says_not_there(handler: Block) -> bool:
    types = handler.detail[0]
    named = types[2] if isinstance(types, tuple) and types[0] == facts.SEQUENCE else (types,)
    return all(part is not None and _NOT_THERE.fullmatch(last_name(part)) for part in named)


def _last_yield(scope: Scope) -> int:
    """Its line; 0 where there is none."""
    return max((part.line for part in scope.body.statements if part.kind == "yield"), default=0)
