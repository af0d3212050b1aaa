"""The ways into production code: routes, sockets, tasks, lifespan, workers, scripts."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from greenroom.model.finding import Reach
from greenroom.model.route import Route
from greenroom.project.calls.classes import decorator_names
from greenroom.project.calls.graph import CallGraph, Edge
from greenroom.project.calls.infer import Inference
from greenroom.project.code.module import Module, Scope
from greenroom.project.declared.manifest import Manifest
from greenroom.project.files.kind import FileKind

_METHODS = {"get", "post", "put", "patch", "delete", "api_route", "route"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A function at which the outside world comes in."""

    scope: Scope
    reach: Reach
    label: str
    """As a message names it: `GET /items/{id}`."""


class Entries:
    """For every scope, the strongest entry point that leads to it, and the way down."""

    def __init__(self, entries: Iterable[Entry], graph: CallGraph) -> None:
        self._reached: dict[Scope, tuple[Entry, Edge | None]] = {}
        order = list(Reach)
        for entry in sorted(entries, key=lambda part: order.index(part.reach)):
            self._spread(entry, graph)

    def _spread(self, entry: Entry, graph: CallGraph) -> None:
        if entry.scope in self._reached:
            return
        self._reached[entry.scope] = (entry, None)
        queue = deque([entry.scope])
        while queue:
            for edge in graph.edges(queue.popleft()):
                target = edge.target
                if target is not None and target not in self._reached:
                    self._reached[target] = (entry, edge)
                    queue.append(target)

    def entry(self, scope: Scope) -> Entry | None:
        """The strongest entry that leads to a scope."""
        found = self._reached.get(scope)
        return found[0] if found else None

    def reach(self, scope: Scope) -> Reach:
        """Its kind; `unreached` where no entry that we know leads there."""
        found = self._reached.get(scope)
        return found[0].reach if found else Reach.UNREACHED

    def path(self, scope: Scope) -> tuple[Edge, ...]:
        """The edges from that entry down to the scope; empty where it is the entry itself."""
        path: list[Edge] = []
        found = self._reached.get(scope)
        while found is not None and found[1] is not None:
            path.append(found[1])
            found = self._reached.get(found[1].caller)
        return tuple(reversed(path))


def find_entries(
    modules: dict[str, Module],
    inference: Inference,
    graph: CallGraph,
    manifest: Manifest,
    routes: tuple[Route, ...],
) -> Entries:
    """All entry points of the production code."""
    del inference, manifest, routes
    found = []
    for module in modules.values():
        if module.kind is FileKind.PRODUCTION:
            for scope in module.scopes:
                names = set(decorator_names(scope)) if scope.decorators else set()
                if names & _METHODS:
                    found.append(Entry(scope=scope, reach=Reach.ROUTE, label=scope.qualname))
                elif "websocket" in names:
                    found.append(Entry(scope=scope, reach=Reach.SOCKET, label=scope.qualname))
    return Entries(found, graph)
