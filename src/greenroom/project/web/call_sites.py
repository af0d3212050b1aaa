"""Where a function of the project is called."""

from greenroom.project.calls.graph import CallGraph
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind

_MOST_SITES = 400


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
            and edge.caller.module.kind is self._kind
        }
        return tuple(found)[:_MOST_SITES]
