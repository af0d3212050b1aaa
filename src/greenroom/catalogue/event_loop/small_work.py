"""Work that is over before anybody notices, as the code itself shows."""

from typing import Final

from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression

_FEW_PIXELS: Final = 100_000
"""A picture of 160 x 60 takes 0.16 ms to encode as PNG: this many some two milliseconds."""


def is_small(leaf: Edge) -> bool:
    """`picture = Image.new("RGB", (160, 60))`, `picture.save(…)`: a picture that is made here, of a few pixels."""
    if leaf.call < 0 or not leaf.symbol.startswith("PIL.Image.Image."):
        return False
    body = leaf.caller.body
    callee = body.calls[leaf.call].callee
    if not isinstance(callee, str):
        return False
    name = callee.rpartition(".")[0]
    made = [part.value for part in body.statements if part.kind == "assign" and name in part.target]
    return bool(made) and all(_has_few_pixels(body, value) for value in made)


def _has_few_pixels(body: Body, made: Expression) -> bool:
    if type(made) is not int or facts.last_name(body.calls[made].callee) != "new":
        return False
    call = body.calls[made]
    size = call.keyword("size") or (call.arguments[1] if len(call.arguments) > 1 else None)
    if not isinstance(size, tuple) or size[0] != facts.SEQUENCE:
        return False
    sides = [facts.constant(part) for part in size[2]]
    match sides:
        case [int(width), int(height)]:
            return width * height <= _FEW_PIXELS
        case _:
            return False
