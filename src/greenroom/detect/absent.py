"""Families that no score is made for, and of which nothing stands in the code: what is not there cannot fail."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.model.finding import Reach
from greenroom.model.mode import Family
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_SOCKETS: Final = re.compile(
    r"socket|aiohttp|tornado|twisted|channels|autobahn|wsproto|engineio|sanic|quart|litestar|robyn|blacksheep|gradio|streamlit|"
    r"(?:^|[._-])ws(?:$|[._-])",
    re.IGNORECASE,
)
"""In names that are imported or called: sockets, and frameworks that serve them where no route says so."""


def absent_families(project: Project) -> tuple[Family, ...]:
    """Those of which it is certain enough, as far as everything could be read."""
    return () if any(_signs_of_sockets(project)) else (Family.WEBSOCKET,)


def _signs_of_sockets(project: Project) -> Iterator[bool]:
    yield any(route.method == "WEBSOCKET" for route in project.routes)
    yield any(point.kind == "socket" for point in project.integration_points)
    yield any(call.kind == "socket" for call in project.front.calls)
    for file in project.front.files.values():
        yield bool(file.failed) or any(_SOCKETS.search(part.source) for part in file.imports)
        yield any(map(_SOCKETS.search, file.words | file.mentioned))
    for module in project.modules.values():
        if module.kind is FileKind.PRODUCTION:
            yield module.error is not None
            yield any(_SOCKETS.search(f"{part.module}.{part.name or ''}") for part in module.imports)
            yield any(project.entries.reach(scope) is Reach.SOCKET for scope in module.scopes)
