"""What a function that is called first has converted already: it has answered whatever that would raise."""

from collections.abc import Iterator
from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_CALLS: Final = ("call", "construct")
_ENDS: Final = frozenset({"abort", "fail"})
_DEEPEST: Final = 3


def is_tried_before(project: Project, scope: Scope, conversion: Call, names: frozenset[str]) -> bool:
    """Whether, on every way to the conversion, a function of ours was given the same text and made the same of it in a `try`."""
    flow, wanted = Flow(scope.body), facts.last_name(conversion.callee)
    return any(
        call.end_line < conversion.line
        and flow.inside(conversion.block, call.block)
        and _is_tried_in(project, scope, (index, names), wanted, 0)
        for index, call in enumerate(scope.body.calls)
    )


def _is_tried_in(
    project: Project, scope: Scope, given: tuple[int, frozenset[str]], wanted: str, depth: int
) -> bool:
    """Whether the called function, or one that it calls, converts its parameter in a `try`."""
    index, names = given
    for edge in project.graph.edges(scope):
        target = edge.target
        if edge.call != index or target is None or edge.how not in _CALLS:
            continue
        inner = frozenset(_parameters(scope.body.calls[index], target, names))
        if inner and _converts(target, inner, wanted):
            return True
        if inner and depth < _DEEPEST and any(
            _is_tried_in(project, target, (number, inner), wanted, depth + 1)
            for number, call in enumerate(target.body.calls)
            if call.block == 0
        ):  # fmt: skip
            return True
    return False


def _parameters(call: Call, target: Scope, names: frozenset[str]) -> Iterator[str]:
    """The parameters that a call gives one of the names."""
    positional = [
        part.name
        for part in target.parameters
        if part.kind == "positional" and part.name not in ("self", "cls")
    ]
    yield from (name for name, value in zip(positional, call.arguments, strict=False) if value in names)
    yield from (name for name, value in call.keywords if name and value in names)


def _converts(target: Scope, names: frozenset[str], wanted: str) -> bool:
    flow = Flow(target.body)
    return any(
        facts.last_name(call.callee) == wanted
        and any(isinstance(part, str) and part in names for part in call.arguments)
        and any(
            part.kind == "try" and flow.inside(call.block, number) and _turns_away(flow, number)
            for number, part in enumerate(target.body.blocks)
        )
        for call in target.body.calls
    )


def _turns_away(flow: Flow, tried: int) -> bool:
    """Whether a handler ends the request: `raise HTTPException(400)`, `abort(400)`."""
    ends = [part.block for part in flow.body.statements if part.kind == "raise"]
    ends += [call.block for call in flow.body.calls if facts.last_name(call.callee) in _ENDS]
    return any(flow.inside(block, handler) for block in ends for handler, _ in flow.handlers(tried))
