"""What a generator hands on of a piece: its text only, or the piece with whatever else it says."""

import re
from collections.abc import Iterator

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression

_TEXT = re.compile(
    r"^(?:response|content|text|tokens?|words?|answer|output|reply|completion|piece|generated_text|output_text)$",
    re.IGNORECASE,
)
_DEEPEST = 4


def is_text_of_piece(body: Body, value: Expression) -> bool:
    """`part["response"]`, `f"data: {chunk.text}"`, a name that was given one of these: the end is not among it."""
    found = list(_fields(body, value, 0))
    return bool(found) and all(_TEXT.match(name) for name in found)


def _fields(body: Body, value: Expression, depth: int) -> Iterator[str]:
    """The last name of each thing that is handed on; an empty one for what may be the whole piece."""
    if isinstance(value, str):
        yield from _of_name(body, value, depth)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield from _of_call(body, value, depth)
    elif isinstance(value, tuple) and value[0] == facts.ITEM:
        key = facts.constant(value[2])
        yield key if isinstance(key, str) else ""
    elif isinstance(value, tuple) and value[0] == facts.ATTRIBUTE:
        yield str(value[2])
    elif isinstance(value, tuple) and value[0] == facts.MAPPING:
        for part in value[2]:
            yield from _fields(body, part, depth)
    elif isinstance(value, tuple):
        for part in facts.children(value):
            yield from _fields(body, part, depth)


def _of_name(body: Body, name: str, depth: int) -> Iterator[str]:
    head, _, last = name.rpartition(".")
    if head:
        yield last
        return
    given = [
        part.value
        for part in body.statements
        if part.kind in ("assign", "annotate")
        and name in (part.target if part.kind == "assign" else (part.target,))
    ]
    if not given or depth > _DEEPEST:
        yield ""
        return
    for value in given:
        yield from _fields(body, value, depth + 1)


def _of_call(body: Body, index: int, depth: int) -> Iterator[str]:
    """`part.get("text", "")` gives a field; any other call makes something of what it is given."""
    call = body.calls[index]
    if facts.last_name(call.callee) == "get" and call.arguments:
        key = facts.constant(call.arguments[0])
        yield key if isinstance(key, str) else ""
        return
    for part in (*call.arguments, *(value for _, value in call.keywords)):
        yield from _fields(body, part, depth)
