"""Who calls whom, and what libraries do on the way."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from greenroom.project.calls.edge import Edge
from greenroom.project.calls.file_edges import FileEdges, key_of
from greenroom.project.calls.infer import Inference
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind

__all__ = ["CallGraph", "Edge"]


class CallGraph:
    """Edges by caller and by target, for the whole project."""

    def __init__(self, files: Mapping[Module, FileEdges], inference: Inference) -> None:
        self.inference = inference
        self._files = files
        self._leading_to: dict[int, list[FileEdges]] = defaultdict(list)
        """By target: the files from which edges lead there, so that only these are looked through."""
        self._in: dict[Scope, list[Edge]] = {}
        self._out: dict[Scope, tuple[Edge, ...]] = {}
        self._effects: dict[Scope, list[Edge]] | None = None
        for file in files.values():
            for target in file.targets:
                self._leading_to[target].append(file)

    def edges(self, scope: Scope) -> tuple[Edge, ...]:
        """What a scope calls."""
        found = self._out.get(scope)
        if found is None:
            file = self._files.get(scope.module)
            found = self._out[scope] = () if file is None else file.out(scope.index)
        return found

    def callers(self, scope: Scope) -> list[Edge]:
        """By whom a scope is called or handed over."""
        found = self._in.get(scope)
        if found is None:
            files = self._leading_to.get(key_of(scope), ())
            found = self._in[scope] = [edge for file in files for edge in file.into(scope)]
        return found

    def effects(self, scope: Scope) -> Sequence[Edge]:
        """What a scope asks of libraries, as far as that is described: one edge of ten."""
        return self._by_scope().get(scope, ())

    def asking(self, kind: FileKind) -> Iterator[Scope]:
        """The scopes of such files that ask libraries anything that is described, by module: one of ten."""
        return (scope for scope in self._by_scope() if scope.module.kind is kind)

    def all_effects(self) -> Iterator[Edge]:
        """Those of all scopes, in the order of `all_edges`."""
        for edges in self._by_scope().values():
            yield from edges

    def _by_scope(self) -> dict[Scope, list[Edge]]:
        if self._effects is None:
            self._effects = {}
            for edge in self.all_edges():
                if edge.effect is not None:
                    self._effects.setdefault(edge.caller, []).append(edge)
        return self._effects

    def all_edges(self) -> Iterator[Edge]:
        """All of them, by module and line of definition."""
        for file in self._files.values():
            for edges in file.all():
                yield from edges
