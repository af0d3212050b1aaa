"""The start of an application: its handlers, and the phases that they go through in order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from greenroom.model.finding import Reach
from greenroom.project.calls.graph import CallGraph, Edge
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_DEEPEST: Final = 5
_ENDS: Final = {"shutdown", "after_serving", "after_server_stop", "before_server_stop", "on_shutdown", "on_disconnect",
                "main_process_stop", "on_cleanup"}  # fmt: skip
_ENDING: Final = re.compile(
    r"shut_?down|(?:^|_)(?:stop|close|cleanup|teardown|disconnect|exit|end)(?:_|$)", re.IGNORECASE
)
_QUIET: Final = re.compile(r"(?:^|\.)(?:info|debug|warning|error|log|print|getLogger|basicConfig|exception)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One call on the way to the first request."""

    name: str
    scope: Scope
    """The function of the project that it runs."""
    line: int
    """In the handler, of the call."""
    needs: frozenset[str]
    """Kinds of dependencies that it crosses to: `database`, `cache` …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """One handler that a framework runs before the first request."""

    handler: Scope
    label: str
    phases: tuple[Phase, ...]
    needs: frozenset[str]
    """Of all phases, and of the handler itself."""
    path: frozenset[Scope]
    """Everything of the project that runs before it is through, the handler included."""

    @property
    def name(self) -> str:
        """As messages and bars name it."""
        return f"{self.handler.module.name}.{self.handler.qualname}"


def find_sequences(project: Project) -> tuple[Sequence, ...]:
    """The handlers of all applications of production, in the order of the files."""
    seen: dict[Scope, str] = {}
    for entry in project.entries.all():
        scope = entry.scope
        if entry.reach is Reach.LIFESPAN and scope.module.kind is FileKind.PRODUCTION and not _ends(scope):
            seen.setdefault(scope, entry.label)
    found = [_sequence(project.graph, scope, label) for scope, label in seen.items()]
    return tuple(sorted(found, key=lambda part: (part.handler.path, part.handler.line)))


def _ends(scope: Scope) -> bool:
    """Whether it runs at the end of the process."""
    parent = scope.parent
    for decorator in scope.decorators:
        call = parent.body.calls[decorator] if type(decorator) is int and parent is not None else None
        name = facts.last_name(call.callee if call is not None else decorator)
        given = facts.constant(call.arguments[0]) if call is not None and call.arguments else None
        if name in _ENDS or given in _ENDS:
            return True
        if given == "startup" or name in ("before_serving", "on_startup"):
            return False
    return scope.name in ("__aexit__", "__exit__") or _ENDING.search(scope.name) is not None


def _sequence(graph: CallGraph, handler: Scope, label: str) -> Sequence:
    edges = [edge for edge in graph.edges(handler) if edge.line <= _until(handler)]
    phases = tuple(_phases(graph, edges))
    path: set[Scope] = {handler}
    needs = {edge.effect.kind for edge in edges if edge.effect is not None and edge.effect.is_remote}
    for phase in phases:
        path |= below(graph, phase.scope)
        needs |= phase.needs
    return Sequence(handler=handler, label=label, phases=phases, needs=frozenset(needs), path=frozenset(path))


def _until(handler: Scope) -> int:
    """The line of the `yield` of a lifespan: what stands below runs at the end."""
    return min(
        (part.line for part in handler.body.statements if part.kind == "yield"), default=handler.end_line
    )


def _phases(graph: CallGraph, edges: list[Edge]) -> Iterator[Phase]:
    seen: set[Scope] = set()
    for edge in sorted(edges, key=lambda part: (part.line, part.column)):
        target = edge.target
        if target is None or target in seen or not _runs_through(edge) or _QUIET.search(target.name):
            continue
        seen.add(target)
        needs = frozenset(asked_below(graph, below(graph, target)))
        if needs or edge.how != "construct":  # an object that is only made cannot fail by itself
            yield Phase(name=target.qualname, scope=target, line=edge.line, needs=needs)


def _runs_through(edge: Edge) -> bool:
    """Whether the caller goes on only when it is done: no task, no coroutine that is handed over."""
    target = edge.target
    if target is None or edge.certainty < PROBABLE or edge.how not in ("call", "construct", "enter"):
        return False
    if target.module.kind is not FileKind.PRODUCTION:
        return False
    return edge.awaited or not target.is_async or edge.how == "enter" or target.facts.is_generator


def below(graph: CallGraph, scope: Scope) -> set[Scope]:
    """A function, and all of the project that it runs before it is through."""
    found = {scope}
    level = [scope]
    for _ in range(_DEEPEST):
        level = [
            edge.target
            for caller in level
            for edge in graph.edges(caller)
            if edge.target is not None and edge.target not in found and _runs_through(edge)
        ]
        found.update(level)
    return found


def asked_below(graph: CallGraph, scopes: set[Scope]) -> Iterator[str]:
    """Kinds of what these cross to, such as `database` and `cache`."""
    for scope in scopes:
        for edge in graph.edges(scope):
            if edge.effect is not None and edge.effect.is_remote:
                yield edge.effect.kind
