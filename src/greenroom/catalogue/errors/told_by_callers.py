"""Do all who call a function take its empty answer for the failure that it is, and say so, or let nobody in?"""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.errors.handlers import deep_parts, is_logging
from greenroom.catalogue.errors.made_up_for import is_status
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import POSSIBLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression, Statement
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_FAILED: Final = re.compile(
    r"fail(?:s|ed|ure)?\b|\berrors?\b|\bunable\b|could ?n[o']t|can ?not\b|can't\b|unavailable|try again|went wrong|not reachable",
    re.IGNORECASE,
)
"""Words of a failure; that something was not found is none."""
_FAULTS: Final = range(500, 600)
"""Status codes by which a server says that it is its own fault."""
_FAULT: Final = re.compile(
    r"(?i)internal_?(?:server_?)?error|server_?error|service_?unavailable|bad_?gateway"
)
_DEEPEST: Final = 2
_KEPT_OUT: Final = range(401, 404, 2)
_DENIED: Final = re.compile(
    r"(?:^|\.)(?:PermissionDenied|NotAuthenticated|AuthenticationFailed|Unauthorized|Forbidden)$"
)


def is_told_by_callers(project: Project, scope: Scope, depth: int = 0) -> bool:
    """Whether every call of it in production is followed by a branch for the empty answer that says what failed.

    Who only returns the answer leaves that to his own callers.
    """
    edges = [
        edge
        for edge in project.graph.callers(scope)
        if edge.caller.module.kind is FileKind.PRODUCTION and edge.certainty > POSSIBLE
    ]
    return bool(edges) and (
        all(_tells(project, edge, depth) for edge in edges) or all(_refuses(project, edge) for edge in edges)
    )


def _refuses(project: Project, edge: Edge) -> bool:
    """`if not is_fresh(found): raise HTTPException(401)`: a gate that stays closed lets nobody act on what is not so."""
    body = edge.caller.body
    names = set(_names(edge))
    return edge.how == "call" and any(
        _lets_nobody_in(project, edge.caller, number)
        for number, block in enumerate(body.blocks)
        if block.kind == "if"
        and block.line >= edge.line
        and (
            _asks_what_is_made_of(body, block.detail, names)
            or any(_asks_for_nothing(block.detail, name) for name in names)
        )
    )


def _asks_what_is_made_of(body: Body, test: Expression, names: set[str]) -> bool:
    """`not is_fresh(found)`."""
    if not (
        isinstance(test, tuple)
        and test[0] == facts.OPERATION
        and test[1] == "not"
        and type(test[2][0]) is int
    ):
        return False
    return any(part in names for part in body.calls[test[2][0]].arguments if isinstance(part, str))


def _lets_nobody_in(project: Project, scope: Scope, block: int) -> bool:
    """Whether the block raises or returns 401 or 403, itself or by a function that does nothing else in the end."""
    body, flow = scope.body, Flow(scope.body)
    if any(_is_closed(body, part) for part in body.statements if flow.inside(part.block, block)):
        return True
    within = {body.calls.index(call) for call in flow.calls_in(block)}
    return any(
        edge.call in within
        and edge.target is not None
        and any(_is_closed(edge.target.body, part) for part in edge.target.body.statements if part.block == 0)
        for edge in project.graph.edges(scope)
    )


def _is_closed(body: Body, part: Statement) -> bool:
    return part.kind in ("raise", "return") and any(
        is_status(said, _KEPT_OUT) or (isinstance(said, str) and _DENIED.search(said) is not None)
        for said in deep_parts(body, part.value)
    )


def _tells(project: Project, edge: Edge, depth: int) -> bool:
    body = edge.caller.body
    if edge.how != "call":
        return False
    if edge.call >= 0 and body.calls[edge.call].usage & facts.RETURNED and depth < _DEEPEST:
        return is_told_by_callers(project, edge.caller, depth + 1)
    return any(
        _says_failure(body, block) for name in _names(edge) for block in _where_empty(body, name)
    ) or any(_says_failure_after(body, name) for name in _names(edge))


def _says_failure_after(body: Body, name: str) -> bool:
    """`if found is not None: return found`, and then `return internal_error()`."""
    flow = Flow(body)
    for number, block in enumerate(body.blocks):
        if block.kind != "if" or not _asks_for_something(block.detail, name):
            continue
        leaves = any(part.kind in ("return", "raise") and part.block == number for part in body.statements)
        after = [
            part.value
            for part in body.statements
            if part.kind in ("return", "raise")
            and part.line > block.end_line
            and flow.inside(block.parent, part.block)
        ]
        if leaves and after and _is_said(body, after[0]):
            return True
    return False


def _asks_for_something(test: Expression, name: str) -> bool:
    """`found`, `found is not None`."""
    if test == name:
        return True
    is_asked = isinstance(test, tuple) and test[:2] == (facts.COMPARE, ("is not",)) and test[2][0] == name
    return bool(is_asked and facts.is_none(test[2][1]))


def _names(edge: Edge) -> Iterator[str]:
    """What the caller calls the answer."""
    for part in edge.caller.body.statements:
        if part.kind == "assign" and part.value in (edge.call, (facts.AWAIT, edge.call)):
            yield from (name for name in part.target if isinstance(name, str))


def _where_empty(body: Body, name: str) -> Iterator[int]:
    """The blocks that run where a name holds nothing: under `if not name:`, or in the `else` of `if name:`."""
    for number, block in enumerate(body.blocks):
        asks = block.kind == "if" and _asks_for_nothing(block.detail, name)
        if asks or (block.kind == "else" and body.blocks[block.owner].detail == name):
            yield number


def _asks_for_nothing(test: Expression, name: str) -> bool:
    if not isinstance(test, tuple):
        return False
    if test[0] == facts.OPERATION:
        return bool(test[1] == "not" and test[2][0] == name)
    is_asked = test[0] == facts.COMPARE and test[1] in (("is",), ("==",)) and test[2][0] == name
    return is_asked and _is_nothing(test[2][1])


def _is_nothing(value: Expression) -> bool:
    """`None`, `[]`, `{}`."""
    return facts.is_none(value) or (
        isinstance(value, tuple) and value[:1] in ((facts.SEQUENCE,), (facts.MAPPING,))
    )


def _says_failure(body: Body, block: int) -> bool:
    """Whether something in it, a line of the log aside, names a failure or gives a status that does."""
    flow = Flow(body)
    said = [part.value for part in body.statements if flow.inside(part.block, block)]
    said += [
        value
        for call in flow.calls_in(block)
        if not is_logging(call)
        for value in (*call.arguments, *(given for _, given in call.keywords))
    ]
    return any(_is_said(body, value) for value in said)


def _is_said(body: Body, value: Expression) -> bool:
    """Whether an expression names a failure, by a text, a status or what it calls."""
    return any(
        _is_failure(facts.constant(part)) or (isinstance(part, str) and _FAULT.search(part) is not None)
        for part in deep_parts(body, value)
    )


def _is_failure(said: object) -> bool:
    if isinstance(said, str):
        return " " in said and _FAILED.search(said) is not None  # the word `error` alone is a key
    return type(said) is int and said in _FAULTS
