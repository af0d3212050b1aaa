"""What keeps a loop from running for ever: a clock, a counter, a size."""

import re
from collections.abc import Iterator

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.flow import Flow

_CLOCK = re.compile(r"deadline|time_?out|elapsed|expir|remaining|time_left|until|started?(_at|_time)?$|start_?time|due|max_wait"
                    r"|stopwatch|budget|duration|give_up", re.IGNORECASE)  # fmt: skip
_CLOCK_CALLS = frozenset(
    {"time", "monotonic", "perf_counter", "now", "utcnow", "time_ns", "monotonic_ns", "total_seconds"}
)
_NUMERIC = ("<", ">", "<=", ">=")


def is_bounded(body: Body, number: int) -> bool:
    """Whether a clock, a counter or a size ends the loop whatever the other side does."""
    counted = _counted(body, number)
    for test in _tests(body, number):
        for part in _deep(body, test):
            if isinstance(part, str) and (_CLOCK.search(part) or part in counted):
                return True
            if isinstance(part, tuple) and part[0] == facts.COMPARE and _compares_numbers(part):
                return True
    return reads_clock(body, number)


def reads_clock(body: Body, number: int) -> bool:
    """Whether the loop, or the condition under which it goes on, looks at a clock."""
    block = body.blocks[number]
    asked = _deep(body, block.detail) if block.kind == "while" else ()
    calls = [body.calls[part] for part in asked if type(part) is int]
    return any(_is_clock(body, call.callee) for call in (*calls, *Flow(body).calls_in(number)))


def _compares_numbers(part: tuple[object, ...]) -> bool:
    """`attempt > limit`, `len(buffer) > MAX`: not `x == "done"`."""
    operators = part[1]
    return isinstance(operators, tuple) and any(operator in _NUMERIC for operator in operators)


def _is_clock(body: Body, callee: Expression) -> bool:
    last = facts.spell(callee, body.calls).rsplit(".", 1)
    return len(last) == 2 and last[1] in _CLOCK_CALLS and last[1] != "now"


def _tests(body: Body, number: int) -> Iterator[Expression]:
    """The conditions under which the loop goes on or is left."""
    flow = Flow(body)
    block = body.blocks[number]
    if block.kind == "while":
        yield block.detail
    for index, inner in enumerate(body.blocks):
        if inner.kind == "if" and flow.inside(index, number) and _leaves(body, index):
            yield inner.detail


def _leaves(body: Body, number: int) -> bool:
    flow = Flow(body)
    branches = [number, *(index for index, part in enumerate(body.blocks) if part.owner == number)]
    return any(
        part.kind in ("break", "return", "raise")
        and any(flow.inside(part.block, branch) for branch in branches)
        for part in body.statements
    )


def _counted(body: Body, number: int) -> set[str]:
    """Names that the loop counts up or down."""
    flow = Flow(body)
    return {
        part.target for part in body.statements
        if part.kind == "augment" and isinstance(part.target, str) and flow.inside(part.block, number)
        and part.detail in ("+", "-")
    }  # fmt: skip


def _deep(body: Body, expression: Expression) -> Iterator[Expression]:
    for part in facts.walk(expression):
        yield part
        if isinstance(part, int) and not isinstance(part, bool):
            call = body.calls[part]
            yield from (name for name, _ in call.keywords if name)
            for inner in (call.callee, *call.arguments, *(value for _, value in call.keywords)):
                yield from _deep(body, inner)
