"""The address of a request: whose server it is on, and the path there."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from greenroom.project.front.thing import HOLE

_HOLE = re.compile(f"{HOLE}([^{HOLE}]*){HOLE}")
_BEFORE_QUERY = re.compile(f"(?:{HOLE}[^{HOLE}]*{HOLE}|[^?#{HOLE}])*")
_ORIGIN = re.compile(r"(?P<scheme>[a-z]+:)?//(?P<host>[^/?#]*)", re.IGNORECASE)
_OWN = re.compile(
    r"(?:^|\.)location\.(?:host|origin|hostname|href|protocol)|document\.baseURI|(?:^|\.)origin$"
)


class Address(NamedTuple):
    """One address that a request may have."""

    base: str
    """Whose server: empty for the page's own; `http://api:8000`; the names of what is not known, `import.meta.env.VITE_API`."""
    path: str
    """Begins with a slash; unknown parts as `{name}`; without the query."""
    certain: bool
    """False where unknown parts may be more than one segment, or where it is relative to the page."""


def parse(raw: str) -> Address | None:
    """An address from a text with holes; None where nothing of its path is known."""
    text = _without_query(raw.strip())  # as browsers do: spaces at either end are no part of an address
    base, rest = _split(text)
    if rest.startswith(HOLE):  # a hole behind an origin
        match = _HOLE.match(rest)
        if match is not None:
            base, rest = f"{base}{{{_name(match[1])}}}", rest[match.end() :]
    relative = bool(rest) and not rest.startswith("/") and not base
    path = _HOLE.sub(lambda match: "{" + _name(match[1]) + "}", rest)
    if not re.search(r"[A-Za-z]", _HOLE.sub("", rest)):
        return None
    glued = re.search(r"[^/]\{|\}[^/]", path) is not None
    return Address(base, "/" + re.sub(r"/{2,}", "/", path).lstrip("/"), not relative and not glued)


def _without_query(raw: str) -> str:
    return _BEFORE_QUERY.match(raw)[0]  # type: ignore[index]  # it matches the empty text


def _split(text: str) -> tuple[str, str]:
    """The server and the rest."""
    origin = _ORIGIN.match(text) if not text.startswith(HOLE) else None
    if origin is not None:
        host = origin["host"]
        if any(_OWN.search(name) for name in _HOLE.findall(host)):
            return "", text[origin.end() :]
        spelled = _HOLE.sub(lambda match: "{" + _name(match[1]) + "}", host)
        scheme = (origin["scheme"] or "").replace("ws", "http")
        return f"{scheme}//{spelled}", text[origin.end() :]
    names = []
    while (match := _HOLE.match(text)) is not None:
        names.append(match[1])
        text = text[match.end() :]
        if text.startswith((":", "//")):  # `${scheme}://${host}/…`
            text = text.lstrip(":/")
            names = []
    if any(_OWN.search(name) for name in names):
        return "", text
    return "+".join(_name(name) for name in names), text


def _name(spelled: str) -> str:
    """What is shown of a hole; of a parameter its own name."""
    return re.sub(r"[{}/]", "", spelled.rpartition("|")[2]) or "?"


def unknown_parameters(raw: str) -> Iterator[tuple[str, int]]:
    """File and function of each parameter that must be known before the path is: at its beginning, or glued to it."""
    text = _without_query(raw)
    for match in _HOLE.finditer(text):
        before = text[: match.start()]
        if not before.endswith("/") or not _is_known(before):
            yield from _parameter(match[1])


def parameters_in(text: str) -> Iterator[tuple[str, int]]:
    """File and function of each parameter in a text."""
    for name in _HOLE.findall(text):
        yield from _parameter(name)


def _parameter(name: str) -> Iterator[tuple[str, int]]:
    kind, _, rest = name.partition("|")
    if kind == "parameter":
        path, index, _ = rest.split("|", 2)
        yield path, int(index)


def _is_known(before: str) -> bool:
    """Whether a literal segment stands before."""
    _, rest = _split(before)
    return re.search(r"\w", _HOLE.sub("", rest)) is not None
