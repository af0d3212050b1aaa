"""What stands between the pages and the servers: locations of nginx, Apache and Caddy, rules of hosts, and what they take off a path."""

import re
from collections.abc import Callable, Iterable, Iterator

from greenroom.project.front.hosting import read_hosting
from greenroom.project.front.proxied import Proxied
from greenroom.project.front.rewrites import read_rewrites

_FILE = re.compile(r"(?:.*/)?(?:[^/]*nginx[^/]*|[^/]+\.conf(?:\.[\w-]+)*|[^/]*Caddyfile[^/]*)", re.IGNORECASE)
_LOCATION = re.compile(
    r"\blocation\s+(?:=|~\*?|\^~)?\s*(?P<path>[~^]?/[^\s{]*)\s*\{(?P<body>.*?)(?=\blocation\s|\Z)", re.DOTALL
)
_PASS = re.compile(r"\b(?:proxy_pass|uwsgi_pass|fastcgi_pass)\s+(?:https?://)?[^/;\s]+(?P<path>/[^;\s]*)?")
_FILES = re.compile(r"^\s*(?:root|alias|try_files)\s", re.MULTILINE)
_REWRITE = re.compile(
    r"\brewrite\s+\^?(?P<path>/[\w/-]*?)/?\([^)\s]*\)\S*(?:\s+(?P<instead>/[\w/-]*?)/?\$1)?"
)
_OF_APACHE = re.compile(
    r"^\s*ProxyPass\s+\"?(?P<path>/[\w./-]+?)/?\"?\s+\"?(?:https?|wss?)://[^/\s\"]+(?P<instead>/[\w./-]*)?",
    re.MULTILINE,
)
_HANDLE = re.compile(
    r"^\s*(?P<how>handle_path|handle|reverse_proxy|route)\s+(?P<path>/[\w./-]+)\*?", re.MULTILINE
)
_STRIPPED = re.compile(r"^\s*uri\s+strip_prefix\s+(?P<path>/[\w./-]+)", re.MULTILINE)
_LITERAL = re.compile(r"/[\w./-]*")


def read_proxies(
    paths: Iterable[str], front: Iterable[str], read_text: Callable[[str], str]
) -> tuple[Proxied, ...]:
    """All that are written in files which are called as such files are, those of the front end's tools included."""
    paths = tuple(paths)
    found = [*read_rewrites((*paths, *front), read_text), *read_hosting(paths, read_text)]
    for path in paths:
        if _FILE.fullmatch(path):
            text = re.sub(r"^\s*#.*$", "", read_text(path), flags=re.MULTILINE)
            found += _of_caddy(text) if "caddy" in path.lower() else (*_of_nginx(text), *_of_apache(text))
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
        if rewritten is not None and rewritten["path"].strip("/") == path.strip("/"):
            yield Proxied(path, is_taken_off=True, instead=(rewritten["instead"] or "").rstrip("/"))
        else:
            yield _handed_on(path, handed["path"] or "")


def _handed_on(path: str, given: str) -> Proxied:
    """`location /api/ { proxy_pass http://api/v1/; }`: an address with a path puts that in the location's place."""
    instead, caught, _ = given.partition("$1")
    is_replaced = (
        bool(given) and "$" not in instead and (bool(caught) or given.endswith("/") == path.endswith("/"))
    )
    return Proxied(
        path,
        is_taken_off=given == "/" or (is_replaced and instead.strip("/") != path.strip("/")),
        instead=instead.rstrip("/") if is_replaced else "",
    )


def _of_apache(text: str) -> Iterator[Proxied]:
    for match in _OF_APACHE.finditer(text):
        instead = (match["instead"] or "").rstrip("/")
        yield Proxied(match["path"], is_taken_off=instead != match["path"], instead=instead)


def _of_caddy(text: str) -> Iterator[Proxied]:
    for match in _HANDLE.finditer(text):
        yield Proxied(match["path"], match["how"] == "handle_path")
    for match in _STRIPPED.finditer(text):
        yield Proxied(match["path"], is_taken_off=True)
