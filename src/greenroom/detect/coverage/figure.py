"""A figure as a bar."""

from collections.abc import Iterable

from greenroom.model.score import Bar


def figure(name: str, listed: Iterable[tuple[str, bool]]) -> Bar:
    """Count what is covered of what is listed by name."""
    things = list(listed)
    return Bar(
        name=name,
        achieved=sum(covered for _, covered in things),
        total=len(things),
        covered=tuple(thing for thing, covered in things if covered),
        missing=tuple(thing for thing, covered in things if not covered),
        measured=True,
    )
