"""What stands between the pages and the servers: locations of nginx and Caddy, and what they take off a path."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

_FILE = re.compile(r"(?:.*/)?(?:[^/]*nginx[^/]*|[^/]+\.conf(?:\.[\w-]+)*|[^/]*Caddyfile[^/]*)", re.IGNORECASE)
_LOCATION = re.compile(
    r"\blocation\s+(?:=|~\*?|\^~)?\s*(?P<path>[~^]?/[^\s{]*)\s*\{(?P<body>.*?)(?=\blocation\s|\Z)", re.DOTALL
)
_PASS = re.compile(r"\b(?:proxy_pass|uwsgi_pass|fastcgi_pass)\s+(?:https?://)?[^/;\s]+(?P<path>/[^;\s]*)?")
_FILES = re.compile(r"^\s*(?:root|alias|try_files)\s", re.MULTILINE)
_REWRITE = re.compile(r"\brewrite\s+\^?(?P<path>/[\w/-]*?)/?\(")
_HANDLE = re.compile(
    r"^\s*(?P<how>handle_path|handle|reverse_proxy|route)\s+(?P<path>/[\w./-]+)\*?", re.MULTILINE
)
_LITERAL = re.compile(r"/[\w./-]*")


class Proxied(NamedTuple):
    """The beginning of paths that a proxy hands on, or answers from files of its own."""

    path: str
    is_taken_off: bool
    """The server behind gets the path without it."""


def read_proxies(paths: Iterable[str], read_text: Callable[[str], str]) -> tuple[Proxied, ...]:
    """All that are written in files which are called as such files are."""
    found: list[Proxied] = []
    for path in paths:
        if _FILE.fullmatch(path):
            text = re.sub(r"^\s*#.*$", "", read_text(path), flags=re.MULTILINE)
            found += _of_caddy(text) if "caddy" in path.lower() else _of_nginx(text)
    return tuple(dict.fromkeys(part for part in found if part.path.strip("/")))


def _of_nginx(text: str) -> Iterator[Proxied]:
    for match in _LOCATION.finditer(text):
        handed = _PASS.search(match["body"])
        literal = _LITERAL.match(match["path"].lstrip("~^"))
        if handed is None:
            if literal is not None and _FILES.search(match["body"]):
                yield Proxied(literal[0], is_taken_off=False)
            continue
        rewritten = _REWRITE.search(match["body"])
        path = literal[0] if literal is not None else ""
        taken_off = handed["path"] == "/" or (
            rewritten is not None and rewritten["path"].strip("/") == path.strip("/")
        )
        yield Proxied(path, taken_off)


def _of_caddy(text: str) -> Iterator[Proxied]:
    for match in _HANDLE.finditer(text):
        yield Proxied(match["path"], match["how"] == "handle_path")
