"""Whether other back ends stand in the repository, whose routes nobody here reads."""

import re
from typing import Final

from greenroom.project.project import Project

_FOREIGN: Final = re.compile(
    r"^\s*FROM\s+(?:--\S+\s+)?(?:\S+/)?(?:golang|go|maven|gradle|openjdk|eclipse-temurin|amazoncorretto|rust|ruby|php|elixir|aspnet|sdk|dotnet\S*)[:@\s]"
    r"|\bgo\s+build\b|\bmvnw?\b|\bcargo\s+build\b|\bdotnet\s+publish\b|mcr\.microsoft\.com/dotnet",
    re.IGNORECASE | re.MULTILINE,
)
_UPSTREAM: Final = re.compile(
    r"(?:^|[{;])\s*(?:proxy_pass|reverse_proxy)\s+(?:/\S*\s+)?(?:https?://)?([\w.$-]+)", re.MULTILINE
)
_PROXY: Final = re.compile(r"(?:nginx|caddyfile|\.conf(?:\.[\w-]+)*$)", re.IGNORECASE)
_FRONT: Final = re.compile(r"front|web|ui|client|static|vite|next|node", re.IGNORECASE)


def is_among_others(project: Project) -> bool:
    """Whether a request that no route serves may be for somebody else.

    A proxy leads to several servers; or there is none, and an image is built from another language, or several of the Python
    applications are started.
    """
    hosts = _hosts_behind(project)
    if hosts:
        return len(hosts) > 1
    return (
        any(_FOREIGN.search(project.inventory.read_text(path)) for path in project.configuration.images)
        or len({_home(part.file) for part in project.applications if part.is_live and part.routes}) > 1
    )


def _home(file: str) -> str:
    """The folder, two steps deep at most: `services/admin`."""
    return "/".join(file.split("/")[:-1][:2])


def _hosts_behind(project: Project) -> frozenset[str]:
    """The servers that the proxies of the project lead to, without those of the pages."""
    inventory = project.inventory
    return frozenset(
        host
        for path in dict.fromkeys((*inventory.other, *inventory.documents))
        if _PROXY.search(path.rpartition("/")[2])
        for host in _UPSTREAM.findall(inventory.read_text(path))
        if not _FRONT.search(host)
    )
