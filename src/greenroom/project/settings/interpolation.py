"""`${NAME}`, `${NAME:-default}`, `${NAME:?message}`: what compose and shells put in the place of variables."""

import re
from typing import Final, NamedTuple

_REFERENCE: Final = re.compile(
    r"(?<!\$)\$(?:\{(?P<braced>[A-Za-z_]\w*)(?:(?P<how>:?[-?+])(?P<rest>(?:[^{}]|\$\{[^{}]*\})*))?\}|(?P<plain>[A-Za-z_]\w*))"
)


class Reference(NamedTuple):
    """One variable inside a value."""

    name: str
    required: bool
    """`:?`: the deployment does not start without it."""
    default: str | None
    """None: an unset variable becomes an empty text."""


def references(text: str) -> list[Reference]:
    """The variables that a value asks for, the ones inside defaults included."""
    found = []
    for part in _REFERENCE.finditer(text):
        how, rest = part["how"] or "", part["rest"] or ""
        default = rest if how.endswith("-") else None
        found.append(Reference(part["braced"] or part["plain"], how.endswith("?"), default))
        found.extend(references(rest))
    return found


def resolved(text: str, known: dict[str, str]) -> str | None:
    """The value with what is known and the defaults put in; None where a part of it stays open."""
    opened = False

    def put_in(part: re.Match[str]) -> str:
        nonlocal opened
        name, how = part["braced"] or part["plain"], part["how"] or ""
        if known.get(name):
            return known[name]
        if how.endswith("-"):
            inner = resolved(part["rest"], known)
            if inner is not None:
                return inner
        opened = True
        return ""

    text = _REFERENCE.sub(put_in, text).replace("$$", "$")
    return None if opened else text
