"""What a body goes through without a loop: in a comprehension, in `list(…)`, `sorted(…)` and their like."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.module import Scope

_AT: Final = {
    "list": 0, "tuple": 0, "set": 0, "frozenset": 0, "sorted": 0, "enumerate": 0, "sum": 0, "any": 0, "all": 0, "max": 0, "min": 0,
    "zip": 0, "map": 1, "filter": 1,
}  # fmt: skip
"""By function, which argument it goes through; all behind it, too, where it takes several."""
_SEVERAL: Final = frozenset({"zip", "map"})
_ONE_OR_MANY: Final = frozenset({"max", "min"})
"""Of several arguments they go through none."""
_MARK: Final = bytes((len(facts.COMPREHENSION),)) + facts.COMPREHENSION.encode()
"""As a comprehension stands in the packed form of a body."""


class GoneThrough(NamedTuple):
    """An expression that is gone through."""

    expression: Expression
    is_async: bool
    line: int
    block: int


def gone_through(scope: Scope) -> Iterator[GoneThrough]:
    """All of a scope's own body."""
    body = scope.body
    yield from _by_functions(body)
    if scope.module.mentions(scope.index, _MARK):
        for expression, line, block in _expressions(body):
            for part in facts.walk(expression):
                if type(part) is tuple and part[0] == facts.COMPREHENSION:
                    yield from (GoneThrough(source, part[4], line, block) for source in part[3])


def _by_functions(body: Body) -> Iterator[GoneThrough]:
    for call in body.calls:
        at = _AT.get(call.callee, -1) if type(call.callee) is str else -1
        if at < 0 or (call.callee in _ONE_OR_MANY and len(call.arguments) > 1):
            continue
        given = call.arguments[at:] if call.callee in _SEVERAL else call.arguments[at : at + 1]
        yield from (GoneThrough(each, False, call.line, call.block) for each in given)  # noqa: FBT003


def _expressions(body: Body) -> Iterator[tuple[Any, int, int]]:
    """What stands in a body, with line and block."""
    for call in body.calls:
        for part in (call.callee, *call.arguments, *[value for _, value in call.keywords]):
            yield part, call.line, call.block
    for statement in body.statements:
        yield statement.value, statement.line, statement.block
    for number, block in enumerate(body.blocks):
        if block.kind in ("if", "while"):
            yield block.detail, block.line, number
        elif block.kind in ("for", "async-for"):
            yield block.detail[1], block.line, number
