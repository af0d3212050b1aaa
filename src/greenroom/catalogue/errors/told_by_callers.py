"""Do all who call a function take its empty answer for the failure that it is, and say so?"""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.errors.handlers import deep_parts, is_logging
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import POSSIBLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
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


def is_told_by_callers(project: Project, scope: Scope) -> bool:
    """Whether every call of it in production is followed by a branch for the empty answer that says what failed."""
    edges = [
        edge
        for edge in project.graph.callers(scope)
        if edge.caller.module.kind is FileKind.PRODUCTION and edge.certainty > POSSIBLE
    ]
    return bool(edges) and all(map(_tells, edges))


def _tells(edge: Edge) -> bool:
    body = edge.caller.body
    return edge.how == "call" and any(
        _says_failure(body, block) for name in _names(edge) for block in _where_empty(body, name)
    )


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
    return any(_is_failure(facts.constant(part)) for value in said for part in deep_parts(body, value))


def _is_failure(said: object) -> bool:
    if isinstance(said, str):
        return " " in said and _FAILED.search(said) is not None  # the word `error` alone is a key
    return type(said) is int and said in _FAULTS
