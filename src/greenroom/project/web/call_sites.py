"""Where a function of the project is called."""

from greenroom.project.calls.graph import CallGraph
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind

_MOST_SITES = 400
_DEEPEST = 5
"""Steps between a test and what a client of the project asks for."""


class CallSites:
    """The calls in files of one kind: what tests hand over is nothing that production sees."""

    def __init__(self, graph: CallGraph, kind: FileKind) -> None:
        self._graph = graph
        self._kind = kind

    def of(self, function: Scope) -> tuple[tuple[Scope, int], ...]:
        """Scope and index of every call of the function (or of its class, for a constructor)."""
        found = {
            (edge.caller, edge.call): None
            for edge in self._graph.callers(function)
            if edge.call >= 0
            and edge.how in ("call", "construct")
            and edge.certainty >= PROBABLE
            and self.counts(edge.caller)
        }
        return tuple(found)[:_MOST_SITES]

    def counts(self, caller: Scope) -> bool:
        """Whether what this scope hands over is looked at."""
        return caller.module.kind is self._kind


class SitesFromTests(CallSites):
    """The calls that tests come to: in tests, and in production functions that these call, a few steps deep."""

    def __init__(self, graph: CallGraph) -> None:
        """Take the calls of the project."""
        super().__init__(graph, FileKind.TEST)
        self._known: dict[Scope, bool] = {}

    def counts(self, caller: Scope) -> bool:
        """Whether it stands in a test, or a test leads to it."""
        if caller not in self._known:
            self._known[caller] = self._is_reached(caller)
        return self._known[caller]

    def _is_reached(self, scope: Scope) -> bool:
        seen, level = {scope}, [scope]
        for _ in range(_DEEPEST):
            if any(part.module.kind is FileKind.TEST for part in level):
                return True
            callers = {
                edge.caller: None
                for part in level
                for edge in self._graph.callers(part)
                if edge.how in ("call", "construct") and edge.certainty >= PROBABLE
            }
            level = [part for part in callers if part not in seen]
            seen.update(level)
        return False
