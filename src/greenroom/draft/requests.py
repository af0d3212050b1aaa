"""The requests of a drafted test, as code: one that the suite makes already, or one of the route's own making."""

import re
from typing import Final

from greenroom.draft.way_in import WayIn

_PARAMETER: Final = re.compile(r"[{<(]([^{}<>()]*)[}>)]")
_WITH_BODY: Final = ("POST", "PUT", "PATCH")
NOBODY: Final = "no-such-one"
"""An id that nothing has."""


def todo(what: str) -> str:
    """Code that says what is missing, and fails."""
    return f"todo({_quoted(what)})"


def request(
    way: WayIn,
    client: str = "client",
    *,
    fault: tuple[str, object] | None = None,
    without: tuple[str, ...] = (),
) -> str:
    """A request that is served; with a fault, one field of its body has this value; some of its arguments may be left out.

    Returns:
        `client.post("/orders", json={"sku": "a"})`, with a `todo(…)` for each part that nobody knows.
    """
    method = method_of(way)
    known = way.known
    if known is None:
        return f"{client}.{method.lower()}({_path(way.route.path)}{_body(way)})"
    arguments = {name: value for name, value in known.arguments.items() if name not in without}
    if fault is not None and isinstance(arguments.get("json"), dict):
        body = arguments["json"]
        arguments["json"] = {**body, fault[0]: fault[1]} if isinstance(body, dict) else body
    more = "".join(f", {name}={_literal(value)}" for name, value in arguments.items())
    return f"{client}.{method.lower()}({_literal(known.path)}{more})"


def request_of_nothing(way: WayIn, client: str = "client") -> str:
    """A request for something that does not exist; a `todo` where the path has no place for it."""
    if not _PARAMETER.search(way.route.path):
        return todo(f"a request to {way.route.path} that must be refused")
    path = _PARAMETER.sub(lambda found: "0" if "int" in found[1] else NOBODY, way.route.path)
    headers = way.known.arguments.get("headers") if way.known else None
    more = f", headers={_literal(headers)}" if headers else ""
    body = _body(way) if way.known is None else "".join(
        f", {name}={_literal(value)}" for name, value in way.known.arguments.items() if name != "headers"
    )  # fmt: skip
    return f"{client}.{method_of(way).lower()}({_literal(path)}{more}{body})"


def request_of_a_stranger(way: WayIn) -> str:
    """The same without any right, and without a body: who is turned away is turned away before that is read."""
    return f"stranger.{method_of(way).lower()}({_literal(plain_path(way))})"


def plain_path(way: WayIn) -> str:
    """A path that the route serves, whether or not what it names exists."""
    if way.known is not None:
        return way.known.path
    return _PARAMETER.sub("1", _rooted(way.route.path))


def method_of(way: WayIn) -> str:
    """The method; of a route for all of them, `GET`."""
    return "GET" if way.route.method in ("*", "") else way.route.method


def _path(path: str) -> str:
    parts = _PARAMETER.split(_rooted(path))
    pieces = [
        _literal(part) if position % 2 == 0 else todo(f"a value of `{part}` in {path} that exists")
        for position, part in enumerate(parts)
        if position % 2 or part
    ]
    return " + ".join(pieces)


def _rooted(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _body(way: WayIn) -> str:
    if method_of(way) not in _WITH_BODY:
        return ""
    what = todo(f"what {method_of(way)} {way.route.path} takes")
    if way.route.framework == "django":
        return f', data={what}, content_type="application/json"'
    return f", json={what}"


def _literal(value: object) -> str:
    """As code, with double quotes where that is the same."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return repr(value)


def _quoted(text: str) -> str:
    shown = repr(text)
    return f'"{shown[1:-1]}"' if shown[0] == "'" and '"' not in text else shown
