"""What servers in JavaScript answer: files that are routes, and handlers that are registered."""

import re
from collections.abc import Iterable, Iterator

from greenroom.project.front import facts
from greenroom.project.front.clients import is_registration
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.kind import FrontKind

_BY_FILE = (
    re.compile(r"(?:^|/)app/(?P<path>.*/)?route\.[jt]sx?$"),  # Next
    re.compile(r"(?:^|/)pages/(?P<path>api/.*?)(?:/index)?\.[jt]sx?$"),  # Next, Nuxt
    re.compile(
        r"(?:^|/)server/(?P<path>(?:api|routes)/.*?)(?:/index)?(?:\.(?:get|post|put|patch|delete))?\.[jt]s$"
    ),  # Nuxt
    re.compile(r"(?:^|/)routes/(?P<path>.*/)?\+server\.[jt]s$"),  # SvelteKit
)
_GROUP = re.compile(r"\([^)]*\)/?|@\w+/")
_PARAMETER = re.compile(r"\[+(\.{3})?(\w+)\]+|:(\w+)")


def served_paths(files: Iterable[FrontFile]) -> Iterator[str]:
    """Their paths, with parameters as `{name}`."""
    for file in files:
        if file.kind is not FrontKind.PRODUCTION:
            continue
        for pattern in _BY_FILE:
            match = pattern.search(file.path)
            if match is not None:
                yield _spelled(_GROUP.sub("", match["path"] or "").removeprefix("routes/"))
        if not {"get", "post", "put", "patch", "delete", "all", "use"}.isdisjoint(file.words):
            for call in file.calls:
                path = facts.constant(call.arguments[0]) if call.arguments else None
                if isinstance(path, str) and path.startswith("/") and is_registration(call):
                    yield _spelled(path)


def _spelled(path: str) -> str:
    text = _PARAMETER.sub(lambda match: "{" + (match[2] or match[3]) + (":path}" if match[1] else "}"), path)
    return "/" + text.strip("/")
