"""Where a body reads a name, and all that stands in an expression."""

from collections.abc import Iterator

from greenroom.project.code import facts
from greenroom.project.code.facts import SEQUENCE, STAR, Body, Expression


def mentions(body: Body, name: str) -> Iterator[str]:
    """The dotted names that a body reads and whose first part is this one; its inner scopes are not read."""
    prefix = f"{name}."
    for expression in expressions(body):
        for part in facts.walk(expression):
            if isinstance(part, str) and (part == name or part.startswith(prefix)):
                yield part


def expressions(body: Body) -> Iterator[Expression]:
    """Every expression that a body evaluates, calls taken apart; not the plain names that it binds."""
    for call in body.calls:
        yield call.callee
        yield from call.arguments
        yield from (value for _, value in call.keywords)
    for statement in body.statements:
        yield statement.value
        if statement.kind in ("raise", "assert"):
            yield statement.detail
        elif statement.kind == "augment":
            yield statement.target
        elif statement.kind in ("assign", "annotate", "delete"):
            targets = (statement.target,) if statement.kind == "annotate" else statement.target
            yield from (part for target in targets for part in _read_in(target))
    yield from _of_blocks(body)


def deep(body: Body, expression: Expression) -> Iterator[Expression]:
    """The parts of an expression, and what its calls are made on and given."""
    front, seen = [expression], set[int]()
    while front:
        for part in facts.walk(front.pop()):
            yield part
            if type(part) is int and part not in seen and 0 <= part < len(body.calls):
                seen.add(part)
                made = body.calls[part]
                front += [made.callee, *made.arguments, *(value for _, value in made.keywords)]


def _of_blocks(body: Body) -> Iterator[Expression]:
    for block in body.blocks:
        if block.kind in ("if", "while"):
            yield block.detail
        elif block.kind in ("for", "async-for"):
            yield block.detail[1]
            yield from _read_in(block.detail[0])
        elif block.kind in ("with", "async-with"):
            for expression, target in block.detail:
                yield expression
                yield from _read_in(target)
        elif block.kind in ("case", "except"):
            yield block.detail[0]


def _read_in(target: Expression) -> Iterator[Expression]:
    """What binding a target reads: `task` in `held[task] = 1` and in `task.name = 1`."""
    if isinstance(target, str):
        if "." in target:
            yield target
    elif isinstance(target, tuple):
        if target[0] == SEQUENCE:
            for part in target[2]:
                yield from _read_in(part)
        elif target[0] == STAR:
            yield from _read_in(target[1])
        else:
            yield target
