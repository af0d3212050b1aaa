"""Every call of the project resolved, as far as possible by taking over what an earlier run found."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from greenroom.project.calls import earlier
from greenroom.project.calls.classes import is_stub
from greenroom.project.calls.earlier import Earlier, Tables
from greenroom.project.calls.file_edges import FileEdges, Outgoing, Packing, key_of, module_number
from greenroom.project.calls.graph import CallGraph
from greenroom.project.calls.handed_in import understand_what_is_handed_in
from greenroom.project.calls.implied import ImpliedEdges
from greenroom.project.calls.infer import Inference
from greenroom.project.calls.noted import NotedNames
from greenroom.project.calls.structural import find_keepers
from greenroom.project.calls.world import world_of
from greenroom.project.calls.written import WrittenEdges
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.files.packs import Pack

_FORMAT = 1
_WITHOUT_SUBCLASSES = (FileKind.TEST, FileKind.EXAMPLE, FileKind.ARCHIVED)
"""Test doubles do not implement anything."""
_Lines = tuple[tuple[int, tuple[int, ...]], ...]


def resolve_calls(root: Path, inference: Inference) -> CallGraph:
    """The call graph of all files that are live."""
    pack = Pack(root, "edges", _FORMAT)
    return _Resolution(inference, pack).graph()


class _Resolution:
    """One run."""

    def __init__(self, inference: Inference, pack: Pack) -> None:
        self._inference = inference
        self._pack = pack
        self._modules = tuple(inference.symbols.modules())
        self._listed = [module for module in self._modules if module.kind is not FileKind.ARCHIVED]
        self._names = NotedNames(self._listed)
        self._tables = self._read_tables()
        self._world = world_of(inference)
        self._earlier = Earlier.read(pack.read(), self._world)
        self._packing = Packing(self._modules, self._earlier.effects if self._earlier else ())
        self._touched = (
            self._earlier.touched(self._modules, self._tables)
            if self._earlier
            else earlier.everything(self._modules)
        )

    def _read_tables(self) -> Tables:
        methods = {
            name: _number(method.module)
            for name in self._names.methods
            if (method := self._names.unique_method(name)) is not None
        }
        return Tables(
            frozenset(self._names.functions), frozenset(self._names.properties), methods,
            self._inference.stores.placed(),
        )  # fmt: skip

    def graph(self) -> CallGraph:
        """Resolve what must be resolved, and keep all of it."""
        lines = {module: self._lines(module) for module in self._listed}
        subclasses = self._index_subclasses(lines)
        edges = {module: self._edges(module) for module in self._listed}
        self._inference.forget_answers()
        if self._touched:
            kept = {_number(module): (*edges[module][1], *lines[module]) for module in self._listed}
            self._keep(kept, subclasses)
        return self._with_handed_in({module: file for module, (file, _) in edges.items()})

    def _with_handed_in(self, files: dict[Module, FileEdges]) -> CallGraph:
        """The graph; what callers hand in is found out in each run, as any new caller may change it."""
        graph = CallGraph(files, self._inference)
        found = understand_what_is_handed_in(graph, self._inference, self._names)
        for scope, edges in found.items():
            files[scope.module].put(scope.index, edges)
        return CallGraph(files, self._inference) if found else graph

    def _keep(self, files: dict[int, tuple[Any, ...]], subclasses: dict[int, tuple[int, ...]]) -> None:
        digests = tuple([module.digest for module in self._modules])
        found = Earlier(self._world, digests, self._tables, subclasses, self._packing.table, files)
        self._pack.write(found.plain())

    def _lines(self, module: Module) -> tuple[int, _Lines]:
        """The bases of each of its classes, and the modules on which that rests."""
        known = self._earlier.files.get(_number(module)) if self._earlier else None
        if known is not None and not known.seen_by_lines & self._touched:
            return known.seen_by_lines, known.lines
        if module.kind in _WITHOUT_SUBCLASSES:
            return module.bit, ()
        trail, line = self._inference.trail, self._inference.classes.line
        trail.seen = module.bit
        found = [
            (scope.index, tuple(map(key_of, line(scope)[0][1:])))
            for scope in module.scopes
            if scope.kind == "class"
        ]
        return trail.noted(), tuple([part for part in found if part[1]])

    def _index_subclasses(self, lines: dict[Module, tuple[int, _Lines]]) -> dict[int, tuple[int, ...]]:
        """Tell the classes who derives from them; those for which that changed count as touched."""
        found: dict[int, list[Scope]] = defaultdict(list)
        for module, (_, classes) in lines.items():
            for index, bases in classes:
                for base in bases:
                    found[base].append(module.scopes[index])
        likely = (module for module in lines if module.kind not in _WITHOUT_SUBCLASSES)
        for protocol, keeper in find_keepers(likely):
            if keeper not in found[key_of(protocol)]:
                found[key_of(protocol)].append(keeper)
        scope_of = self._packing.scope
        self._inference.classes.index_subclasses({scope_of(key): found[key] for key in found})
        places = {key: tuple([_number(scope.module) for scope in found[key]]) for key in found}
        if self._earlier:
            for key, _ in self._earlier.subclasses.items() ^ places.items():
                module = self._modules[module_number(key)]
                if not module.bit & self._touched and self._promises(scope_of(key)):
                    self._touched |= module.bit
        return places

    def _promises(self, cls: Scope) -> bool:
        """Whether it has methods for which those of subclasses stand in."""
        line = self._inference.classes.line(cls)[0]
        return any(is_stub(method) for scope in line for method in scope.children)

    def _edges(self, module: Module) -> tuple[FileEdges, tuple[int, bytes, tuple[int, ...]]]:
        known = self._earlier.files.get(_number(module)) if self._earlier else None
        if known is not None and not known.seen & self._touched:
            edges = FileEdges(module, self._packing, known.packed, known.targets)
            return edges, (known.seen, known.packed, known.targets)
        seen, out = self._resolve(module)
        targets = tuple({
            key_of(edge.target) for edges in out.values() for edge in edges if edge.target is not None
        })  # fmt: skip
        return FileEdges(module, self._packing, out, targets), (seen, self._packing.pack(out), targets)

    def _resolve(self, module: Module) -> tuple[int, Outgoing]:
        """The edges of its scopes, and the modules on which they rest."""
        inference, names = self._inference, self._names
        inference.trail.seen = module.bit
        out = {}
        for scope in module.scopes:
            flow = Flow(scope.body)
            edges = (
                *WrittenEdges(scope, flow, inference, names).collect(),
                *ImpliedEdges(scope, flow, inference, names).collect(),
            )
            if edges:
                out[scope.index] = edges
        inference.forget(module)
        return inference.trail.noted(), out


def _number(module: Module) -> int:
    return module.bit.bit_length() - 1
