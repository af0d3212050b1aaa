"""What is filled again and again from one file of the program: the same entries under the same names."""

from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.resource.changes import Growth
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Body, Expression

_READS: Final = frozenset({"read_text", "read_bytes", "open", "load"})
_LOOPS: Final = ("for", "async-for")


def comes_from_one_file(growth: Growth) -> bool:
    """Whether a loop over what a function without arguments reads from a file keys the entries by a field of each."""
    scope, body = growth.scope, growth.scope.body
    given = [part.name for part in scope.parameters if part.name not in ("self", "cls")]
    if given or not growth.keys:
        return False
    loops = _loops_around(body, growth.line)
    return any(
        all(_is_field(key, block.detail[0]) for key in growth.keys) and _is_read(body, block.detail[1])
        for block in loops
    )


def _loops_around(body: Body, line: int) -> list[Block]:
    return [block for block in body.blocks if block.kind in _LOOPS and block.line <= line <= block.end_line]


def _is_field(key: Expression, element: Expression) -> bool:
    """`row["id"]`, `row.id`, of a loop over rows."""
    if isinstance(key, str):
        return isinstance(element, str) and key.startswith(f"{element}.")
    return isinstance(key, tuple) and key[0] in (facts.ITEM, facts.ATTRIBUTE) and key[1] == element


def _is_read(body: Body, value: Expression) -> bool:
    roots = {name.split(".", 1)[0] for name in _names(body, value)}
    return any(
        roots.intersection(part for part in part.target if isinstance(part, str))
        and any(name.rsplit(".", 1)[-1] in _READS for name in _names(body, part.value))
        for part in body.statements
        if part.kind == "assign"
    )


def _names(body: Body, value: Expression) -> Iterator[str]:
    """All names in an expression, those of its calls and their arguments too."""
    for part in facts.walk(value):
        if isinstance(part, str):
            yield part
        elif isinstance(part, int) and not isinstance(part, bool):
            call = body.calls[part]
            for inner in (call.callee, *call.arguments):
                yield from _names(body, inner)
