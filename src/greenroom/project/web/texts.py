"""Texts that are put together from others; what is unknown is kept as a parameter, and makes them uncertain."""

from collections.abc import Sequence

from greenroom.project.code.facts import Expression
from greenroom.project.web.thing import Thing, Things, text_of

Known = tuple[str, bool]
"""A text and whether it is certain."""


def joined(parts: Sequence[tuple[Expression, Known | None]]) -> Thing:
    """An f-string; what is unknown at the start is left out: it is a prefix."""
    text, certain = "", True
    for number, (part, found) in enumerate(parts):
        if found is not None:
            text, certain = text + found[0], certain and found[1]
        else:
            text, certain = text + ("" if number == 0 else _parameter(part)), False
    return Thing("text", text, certain)


def added(left: Things, right: Things, right_part: Expression) -> Things:
    """`left + right`."""
    before, after = text_of(left), text_of(right)
    if before is None and after is None:
        return ()
    text = (before.ref if before else "") + (after.ref if after else _parameter(right_part))
    certain = before is not None and after is not None and before.certain and after.certain
    return (Thing("text", text, certain),)


def percent_formatted(left: Things, right: Things) -> Things:
    """`left % right`."""
    pattern = text_of(left)
    if pattern is None:
        return ()
    values = [item for thing in right if thing.kind == "list" for item in thing.ref] or [right]
    text, certain = pattern.ref, pattern.certain
    for value in values:
        given = text_of(value)
        text = text.replace("%s", given.ref if given else "{}", 1)
        certain = certain and given is not None and given.certain
    return (Thing("text", text, certain),)


def formatted(
    owner: Thing, given: Sequence[Known | None], named: Sequence[tuple[str | None, Known | None]]
) -> Thing:
    """`owner.format(…)`."""
    text, certain = owner.ref, owner.certain
    for number, value in enumerate(given):
        filled = value[0] if value else "{?}"
        text = text.replace("{}", filled, 1).replace("{" + str(number) + "}", filled)
        certain = certain and value is not None and value[1]
    for key, value in named:
        if key is not None:
            text = text.replace("{" + key + "}", value[0] if value else "{?}")
            certain = certain and value is not None and value[1]
    return Thing("text", text, certain)


def _parameter(expression: Expression) -> str:
    name = expression.rsplit(".", 1)[-1] if isinstance(expression, str) else "?"
    return "{" + name + "}"
