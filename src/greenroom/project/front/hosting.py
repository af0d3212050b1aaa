"""What the hosts of static pages put in a path's place before they hand it to a server: Netlify, Cloudflare, Firebase and Render.

Rules that answer from files, or send the browser elsewhere, are none of these.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from greenroom.project.front.proxied import Proxied

_FUNCTIONS: Final = "/.netlify/functions/"
_PLACE: Final = re.compile(r"https?://[^/\s]+(?P<path>(?:/[\w.-]+)*)/(?::splat|\*)")
_BEGINNING: Final = re.compile(r"(?P<path>(?:/[\w.-]+)+)/\*\*?")
_ROUTE: Final = re.compile(
    r"^\s*(?:-\s+)?(?P<key>type|source|destination):\s*[\"']?(?P<value>[^\s\"'#]+)", re.MULTILINE
)


def read_hosting(paths: Iterable[str], read_text: Callable[[str], str]) -> Iterator[Proxied]:
    """The rules of all files that are called as those of such hosts are."""
    readers = {
        "_redirects": _of_redirects, "netlify.toml": _of_netlify, "firebase.json": _of_firebase,
        "render.yaml": _of_render, "render.yml": _of_render,
    }  # fmt: skip
    for path in paths:
        reader = readers.get(path.rpartition("/")[2])
        if reader is not None:
            yield from reader(read_text(path))


def _of_redirects(text: str) -> Iterator[Proxied]:
    """`/api/*  https://api.example.org/v1/:splat  200`."""
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) > 2 and words[-1] in ("200", "200!"):
            yield from _handed_on(words[0], words[-2])


def _of_netlify(text: str) -> Iterator[Proxied]:
    try:
        rules = tomllib.loads(text).get("redirects", ())
    except tomllib.TOMLDecodeError:
        return
    for rule in filter(_is_mapping, rules if isinstance(rules, list) else ()):
        if rule.get("status") == 200:
            yield from _handed_on(str(rule.get("from", "")), str(rule.get("to", "")))


def _of_firebase(text: str) -> Iterator[Proxied]:
    """Functions and services get the whole path."""
    try:
        read = json.loads(text)
    except ValueError:
        return
    hosting = read.get("hosting") if _is_mapping(read) else None
    for site in filter(_is_mapping, hosting if isinstance(hosting, list) else [hosting]):
        rules = site.get("rewrites")
        for rule in filter(_is_mapping, rules if isinstance(rules, list) else ()):
            found = _BEGINNING.fullmatch(str(rule.get("source", "")))
            if found is not None and {"run", "function"} & rule.keys():
                yield Proxied(found["path"], is_taken_off=False)


def _of_render(text: str) -> Iterator[Proxied]:
    """`type: rewrite` with its `source` and `destination`, in any order."""
    told: dict[str, str] = {}
    for found in _ROUTE.finditer(text):
        if found["key"] in told or "-" in found[0].partition(":")[0]:
            told = {}
        told[found["key"]] = found["value"]
        if told.keys() >= {"type", "source", "destination"} and told["type"] == "rewrite":
            yield from _handed_on(told["source"], told["destination"])


def _handed_on(source: str, target: str) -> Iterator[Proxied]:
    beginning, place = _BEGINNING.fullmatch(source), _PLACE.fullmatch(target)
    if beginning is None:
        return
    if place is not None:
        is_same = place["path"] == beginning["path"]
        yield Proxied(beginning["path"], not is_same, "" if is_same else place["path"])
    elif target.startswith(_FUNCTIONS):
        yield Proxied(beginning["path"], is_taken_off=False)


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict)
