"""Sockets that say only what their own client sent, or always the same: an echo, a heartbeat, a greeting."""

import re
from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, Parameter
from greenroom.project.code.module import Scope
from greenroom.project.web.changes import is_written

_SAYS_NOTHING: Final = re.compile(
    r"^(?:print|str|int|float|bool|len|repr|dict|list|isinstance|range|json\.(?:loads|dumps)|asyncio\.(?:sleep|wait_for)"
    r"|time\.\w+|datetime(?:\.\w+)*|(?:\w*_)?log(?:ger|ging)?\.\w+)$",
    re.IGNORECASE,
)
"""Calls that bring nothing of the application's and leave nothing there."""

_PLAIN: Final = (None, "str", "int", "float", "bool", "UUID", "uuid.UUID")


def talks_to_itself(handler: Scope) -> bool:
    """Whether nothing of the application reaches the socket, and nothing that it brings reaches the application."""
    sockets = {part.name for part in handler.parameters} & {
        call.callee.partition(".")[0] for call in handler.body.calls if _is_of(call, ".accept")
    }
    if handler.kind != "function" or len(sockets) != 1 or handler.children:
        return False
    own = _own_names(handler, sockets)
    return all(_is_idle(call, own) for call in handler.body.calls) and not any(
        is_written(statement) for statement in handler.body.statements
    )


def _is_of(call: Call, method: str) -> bool:
    return isinstance(call.callee, str) and call.callee.endswith(method)


def _own_names(handler: Scope, sockets: set[str]) -> set[str]:
    """The names that are the function's own."""
    own = sockets | {part.name for part in handler.parameters if _is_of_the_address(part)}
    for statement in handler.body.statements:
        if statement.kind == "assign":
            own |= {
                part for target in statement.target for part in facts.walk(target) if isinstance(part, str)
            }
    for block in handler.body.blocks:
        if block.kind in ("for", "async-for"):
            own |= {part for part in facts.walk(block.detail[0]) if isinstance(part, str)}
        if block.kind == "except" and block.detail[1]:
            own.add(block.detail[1])
    return own


def _is_of_the_address(parameter: Parameter) -> bool:
    """A piece of the path or the query: nothing that the application gives."""
    return parameter.annotation in _PLAIN and type(parameter.default) is not int


def _is_idle(call: Call, own: set[str]) -> bool:
    """A call of the socket, of a value that the function has, or of what says nothing."""
    return _is_idle_name(call.callee, own) and all(
        _is_known(part, own) for part in (*call.arguments, *(value for _, value in call.keywords))
    )


def _is_idle_name(callee: Expression, own: set[str]) -> bool:
    if not isinstance(callee, str):
        return True  # of a value that another call here gave
    return callee.partition(".")[0] in own or _SAYS_NOTHING.match(callee) is not None


def _is_known(value: Expression, own: set[str]) -> bool:
    """Whether all names in it are the function's own."""
    return all(
        part.partition(".")[0] in own or _SAYS_NOTHING.match(part) is not None
        for part in facts.walk(value)
        if isinstance(part, str)
    )
