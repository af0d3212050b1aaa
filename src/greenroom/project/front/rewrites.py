"""What proxies that are no servers of their own take off a path, or put in its place.

Those of bundlers and frameworks (Vite, webpack, Next, Nuxt), of Traefik, and of an ingress of Kubernetes.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from greenroom.project.front.proxied import Proxied

_OF_FRONT: Final = re.compile(
    r"(?:.*/)?(?:(?:vite|vue|webpack[\w.-]*|next|nuxt|craco|rsbuild|quasar|svelte)\.config\.[cm]?[jt]s"
    r"|setupProxy\.[cm]?[jt]s|(?:config/)?proxy(?:\.conf(?:ig)?)?\.(?:[cm]?[jt]s|json)|vercel\.json)"
)
_OF_SERVERS: Final = re.compile(
    r"(?:.*/)?[^/]*compose[^/]*\.ya?ml|.*(?:ingress|traefik|middleware).*\.ya?ml", re.IGNORECASE
)
_REMARK: Final = re.compile(r"/\*.*?\*/|(?:^|(?<=[\s,;{(]))//.*?$", re.DOTALL | re.MULTILINE)
_REMARK_OF_YAML: Final = re.compile(r"^\s*#.*$", re.MULTILINE)
_HOST: Final = r"(?:https?://[^/'\"`$\s]+|(?:https?://)?\$\{[^}]*\}(?::\d+)?)"
_PATH: Final = r"(?:/[\w.-]+)+"
_REPLACED: Final = re.compile(
    r"\.replace\(\s*(?:/\^(?P<pattern>(?:\\/[\w.-]+)+)(?:\\/)?/\w*|new RegExp\(\s*['\"`]\^(?P<built>"
    + _PATH
    + r")/?['\"`]\s*\)"
    r"|['\"`](?P<plain>" + _PATH + r")['\"`])\s*,\s*['\"`](?P<instead>[\w./-]*)['\"`]\s*\)"
)
_REWRITTEN: Final = re.compile(r"\bpathRewrite\s*['\"]?\s*:\s*\{(?P<body>[^{}]*)\}")
_PAIR: Final = re.compile(r"['\"]\^?(?P<path>" + _PATH + r")/?['\"]\s*:\s*['\"](?P<instead>[\w./-]*)['\"]")
_TARGET: Final = re.compile(r"\btarget\s*['\"]?\s*:\s*['\"`]" + _HOST + r"(?P<path>/[\w./-]*)?")
_SOURCE: Final = re.compile(
    r"\bsource['\"]?\s*:\s*['\"`](?P<path>"
    + _PATH
    + r")/(?::(?P<rest>\w+)[*+]?|\(\.\*\))['\"`]\s*,(?:[^{}]*?,)?\s*"
    r"['\"]?destination['\"]?\s*:\s*(?:[\w.!]+\s*\+\s*['\"`]|['\"`]"
    + _HOST
    + r")(?P<instead>(?:/[\w.-]+)*)/(?::(?P=rest)|\$1)"
)
_RULE: Final = re.compile(
    r"['\"](?P<path>"
    + _PATH
    + r")/\*\*['\"]\s*:\s*\{\s*proxy\s*:\s*(?:\{\s*to\s*:\s*)?['\"`]"
    + _HOST
    + r"(?P<instead>(?:/[\w.-]+)*)/\*\*"
)
_STRIPPED: Final = re.compile(
    r"stripprefix(?:\.prefixes\s*[=:]\s*[\"']?(?P<listed>/[\w./,-]+)|:\s*prefixes:(?P<items>(?:\s*-\s*[\"']?/[\w./-]+[\"']?)+))",
    re.IGNORECASE,
)
_REWRITE_TARGET: Final = re.compile(r"rewrite-target:\s*[\"']?(?P<instead>/[\w./-]*?)/?\$\d")
_CAUGHT: Final = re.compile(r"\bpath:\s*[\"']?(?P<path>" + _PATH + r")/?\(")


def read_rewrites(paths: Iterable[str], read_text: Callable[[str], str]) -> Iterator[Proxied]:
    """All that are written in files which are called as such files are."""
    for path in paths:
        if _OF_FRONT.fullmatch(path):
            yield from _of_front(_REMARK.sub("", read_text(path)))
        elif _OF_SERVERS.fullmatch(path):
            yield from _of_servers(_REMARK_OF_YAML.sub("", read_text(path)))


def _of_front(text: str) -> Iterator[Proxied]:
    for found in _REPLACED.finditer(text):
        pattern = (found["pattern"] or "").replace("\\", "")
        path = pattern or found["built"] or found["plain"]
        yield _under_target(path, found["instead"], _entry(text, found.start()))
    for found in _REWRITTEN.finditer(text):
        entry = _entry(text, found.start())
        for pair in _PAIR.finditer(found["body"]):
            yield _under_target(pair["path"], pair["instead"], entry)
    for found in (*_SOURCE.finditer(text), *_RULE.finditer(text)):
        if found["path"] != found["instead"]:
            yield Proxied(found["path"], is_taken_off=True, instead=found["instead"])


def _under_target(path: str, instead: str, entry: str) -> Proxied:
    """`target: "http://api:8000/v1"` comes before what is left of the path."""
    target = _TARGET.search(entry)
    before = (target["path"] or "").rstrip("/") if target is not None else ""
    return Proxied(path, is_taken_off=True, instead=f"{before}/{instead.strip('/')}".rstrip("/"))


def _entry(text: str, place: int) -> str:
    """The object around a place: from the brace that opens it to the one that closes it."""
    start = _edge(range(place - 1, -1, -1), text, "{", "}")
    return text[start : _edge(range(place, len(text)), text, "}", "{")]


def _edge(places: Iterable[int], text: str, wanted: str, other: str) -> int:
    depth = 0
    for place in places:
        depth += (text[place] == other) - (text[place] == wanted)
        if depth < 0:
            return place
    return 0 if wanted == "{" else len(text)


def _of_servers(text: str) -> Iterator[Proxied]:
    for found in _STRIPPED.finditer(text):
        for path in re.findall(r"/[\w./-]+", found["listed"] or found["items"]):
            yield Proxied(path, is_taken_off=True)
    target = _REWRITE_TARGET.search(text)
    if target is not None:
        for found in _CAUGHT.finditer(text):
            yield Proxied(found["path"], is_taken_off=True, instead=target["instead"])
