"""Who calls whom, and what libraries do on the way."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from greenroom.project.calls.edge import Edge
from greenroom.project.calls.implied import ImpliedEdges
from greenroom.project.calls.infer import Inference
from greenroom.project.calls.noted import NotedNames
from greenroom.project.calls.written import WrittenEdges
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind

__all__ = ["CallGraph", "Edge"]


class CallGraph:
    """Edges by caller and by target, for the whole project."""

    def __init__(self, modules: Iterable[Module], inference: Inference) -> None:
        self.inference = inference
        self._out: dict[Scope, tuple[Edge, ...]] = {}
        self._in: dict[Scope, list[Edge]] = defaultdict(list)
        listed = [module for module in modules if module.kind is not FileKind.ARCHIVED]
        inference.classes.index_subclasses(listed)
        names = NotedNames(listed)
        for module in listed:
            for scope in module.scopes:
                flow = Flow(scope.body)
                edges = (
                    *WrittenEdges(scope, flow, inference, names).collect(),
                    *ImpliedEdges(scope, flow, inference, names).collect(),
                )
                if edges:
                    self._out[scope] = edges
                    for edge in edges:
                        if edge.target is not None:
                            self._in[edge.target].append(edge)
            inference.forget(module)

    def edges(self, scope: Scope) -> tuple[Edge, ...]:
        """What a scope calls."""
        return self._out.get(scope, ())

    def callers(self, scope: Scope) -> list[Edge]:
        """By whom a scope is called or handed over."""
        return self._in.get(scope, [])

    def all_edges(self) -> Iterator[Edge]:
        """All of them, by module and line of definition."""
        for edges in self._out.values():
            yield from edges
