"""Paths as segments, and whether a request's path fits a route's."""

import re

HOLE = "{}"
"""Any one segment."""
NUMBER = "{int}"
REST = "{*}"
"""Any number of segments, at the end."""

_PARAMETER = re.compile(r"[{<(\[]")
_REST = re.compile(r":path\}|<path:|\.\*|\{\w+\.\.\.\}|:path>")
_NUMBER = re.compile(r"\{\w+:int\}|<int:\w+>")
_OPEN_ENDED = re.compile(
    r"(?:path|url|uri|endpoint|href|suffix|rest|route|action|resource|slug)s?$", re.IGNORECASE
)
_WHOLE = re.compile(r"\{\w+(?::(?:str|int))?\}|<(?:(?:str|int|string):)?\w+>")
_PLACE = re.compile(r":[A-Za-z_]\w*")
"""`/tickets/:ticketId` of a table of addresses, which a helper of the page fills in."""
_PARTIAL = re.compile(r"^([^{}]+)\{[^{}]*\}$")

Segments = tuple[str, ...]


def of_route(path: str) -> Segments:
    """The segments of a route's path."""
    found = []
    for part in path.strip("/").split("/"):
        if _REST.search(part):
            found.append(REST)
            break
        if _NUMBER.fullmatch(part):
            found.append(NUMBER)
        else:
            found.append(HOLE if _PARAMETER.search(part) else part)
    return tuple(found)


def is_whole_parameter(part: str) -> bool:
    """A segment that is a parameter and nothing else: neither `{name}.json` nor a regular expression."""
    return _WHOLE.fullmatch(part) is not None


def of_request(path: str) -> list[Segments]:
    """The segments of a request's path; several where an unknown end may be a query."""
    parts = path.strip("/").split("/")
    found: list[str] = []
    for part in parts:
        name = part[1:-1] if part.startswith("{") and part.endswith("}") else ""
        if name and "{" not in name and _OPEN_ENDED.search(name) and part == parts[-1] and len(parts) > 1:
            found.append(REST)
        else:
            found.append(HOLE if "{" in part or _PLACE.fullmatch(part) else part)
    ways = [tuple(found)]
    partial = _PARTIAL.match(parts[-1])
    if partial is not None:
        ways.insert(0, (*found[:-1], partial[1]))
    return ways


def is_same(request: Segments, route: Segments) -> bool:
    """Whether a request is for this very path: what is unknown there is a parameter here."""
    return len(request) == len(route) and all(
        given == expected
        or (given == HOLE and expected == NUMBER)
        or (expected == HOLE and given not in (HOLE, REST))
        or (expected == NUMBER and given.isdigit())
        for given, expected in zip(request, route, strict=True)
    )


def fit(request: Segments, route: Segments) -> int:
    """How well they fit: what is written on both sides counts most; 0: not at all."""
    if route[-1:] == (REST,):
        return _fit_open(request, route)
    if request[-1:] == (REST,):
        head = request[:-1]
        return _score(head, route[: len(head)]) if len(route) >= len(head) else 0
    return _score(request, route) if len(request) == len(route) else 0


def _fit_open(request: Segments, route: Segments) -> int:
    head = route[:-1]
    if not head or len(request) < len(head):
        return 0  # what takes everything says nothing
    return _score(request[: len(head)], head)


def _score(request: Segments, route: Segments) -> int:
    score = 1
    for given, expected in zip(request, route, strict=False):
        if given == expected:
            score += 2 if given == HOLE else 3
        elif expected == NUMBER and (given == HOLE or given.isdigit()):
            score += 2
        elif expected == HOLE or given in (HOLE, REST):
            score += 1
        else:
            return 0
    return score
