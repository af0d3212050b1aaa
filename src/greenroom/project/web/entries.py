"""The ways into production code: routes, sockets, tasks, lifespan, workers, scripts."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from greenroom.model.finding import Reach
from greenroom.model.route import Route
from greenroom.project.calls.edge import Edge
from greenroom.project.calls.graph import CallGraph
from greenroom.project.calls.infer import Inference
from greenroom.project.calls.switched import switches_off
from greenroom.project.calls.values import POSSIBLE
from greenroom.project.code.facts import DISCARDED
from greenroom.project.code.module import Module, Scope
from greenroom.project.declared.manifest import Manifest
from greenroom.project.files.kind import FileKind
from greenroom.project.web.called_entries import called_entries
from greenroom.project.web.class_entries import class_entries
from greenroom.project.web.decorated_entries import decorated_entries
from greenroom.project.web.entry import Entry
from greenroom.project.web.route_entries import PLAIN_BASES, route_entries
from greenroom.project.web.script_entries import factory_entries, import_entries, script_entries

_MAKING = ("__init__", "__new__", "__post_init__")
_BY_IMPORT = (Reach.PROJECT, Reach.SCRIPT)
"""How the bodies of files and of their classes are reached."""


class Entries:
    """For every scope, the strongest entry point that leads to it, and the way down."""

    def __init__(
        self, entries: Iterable[Entry], graph: CallGraph, overrides: Mapping[Scope, list[Scope]] | None = None
    ) -> None:
        self._graph = graph
        self._overrides = overrides or {}
        self._reached: dict[Scope, tuple[Entry, Edge | None]] = {}
        self._shut: dict[Scope, list[Edge]] = {}
        """The calls of a function that do not run on the way by which it is reached."""
        self._by: dict[Edge, Edge] = {}
        """For such a call, the other call of its function on which it does run."""
        order = list(Reach)
        self._all = tuple(
            sorted(entries, key=lambda part: (part.is_unserved, order.index(part.reach), part.is_around))
        )
        self._queued = {part.scope for part in self._all if part.reach is Reach.WORKER}
        self._put_off = {part.scope for part in self._all if part.is_put_off}
        waves: dict[tuple[bool, Reach, bool], list[Entry]] = {}
        for entry in self._all:
            waves.setdefault((entry.is_unserved, entry.reach, entry.is_around), []).append(entry)
        for wave in waves.values():
            self._spread(wave)
        self._spread_further()

    def _spread(self, wave: list[Entry]) -> None:
        """All entries of one strength at once: of several that lead to a place, the nearest counts."""
        queue: deque[Scope] = deque()
        for entry in wave:
            if entry.scope not in self._reached:
                self._reached[entry.scope] = (entry, None)
                queue.append(entry.scope)
        for entry in wave:
            if entry.scope.kind == "class" and entry.reach in _BY_IMPORT:
                queue.extend(self._called_in_body(entry))
        self._follow(queue, POSSIBLE + 1)

    def _called_in_body(self, entry: Entry) -> Iterator[Scope]:
        """What the body of a class calls, its import runs, whoever makes objects of it."""
        for edge in self._graph.edges(entry.scope):
            known = edge.target is None or edge.target in self._reached or edge.certainty <= POSSIBLE
            if not known and edge.target is not None and _is_of_body(edge):
                self._reached[edge.target] = (entry, edge)
                yield edge.target

    def _spread_further(self) -> None:
        """What nothing better reaches, over edges that are only possible: the nearest counts, of equals the strongest."""
        self._follow(deque(self._reached), POSSIBLE)

    def _follow(self, queue: deque[Scope], at_least: int) -> None:
        reached = self._reached
        while queue:
            caller = queue.popleft()
            entry = reached[caller][0]
            edges = self._graph.edges(caller)
            for edge in (*edges, *self._implied(caller)) if at_least == POSSIBLE else edges:
                target = edge.target
                if target is None or edge.certainty < at_least:
                    continue
                if target in reached:
                    queue.extend(self._opened(target, edge))
                    continue
                queued = self._queued if edge.how == "reference" else self._put_off
                if target in queued and entry.reach is not Reach.WORKER:
                    continue  # handed to the queue: a worker runs it, not the caller
                if _is_of_body(edge) or self._never_runs(edge) or self._is_shut(edge):
                    continue
                reached[target] = (self._entry_of(edge), edge)
                queue.append(target)

    def _is_shut(self, edge: Edge) -> bool:
        """Whether a flag that was handed over keeps a call from running; another caller may hand over another."""
        outer = self._reached[edge.caller][1]
        if outer is None or not switches_off(outer, edge):
            return False
        for other in self._graph.callers(edge.caller):
            known = other.caller in self._reached and other.certainty > POSSIBLE
            if known and not switches_off(other, edge):
                self._by[edge] = other
                return False
        self._shut.setdefault(edge.caller, []).append(edge)
        return True

    def _opened(self, function: Scope, call: Edge) -> Iterator[Scope]:
        """What runs when the function is called in another way than the one by which it was reached first."""
        for inner in self._shut.get(function, ()):
            if (
                inner.target is not None
                and inner.target not in self._reached
                and not switches_off(call, inner)
            ):
                self._by[inner] = call
                self._reached[inner.target] = (self._reached[call.caller][0], inner)
                yield inner.target

    def _entry_of(self, edge: Edge) -> Entry:
        """The entry from which the caller is reached, on the way that leads to this call."""
        return self._reached[self._by.get(edge, edge).caller][0]

    def _never_runs(self, edge: Edge) -> bool:
        """Whether a coroutine is made and dropped; of an override, at the call of what it stands in for."""
        if edge.target is None or not edge.target.is_async or edge.target.decorators:
            return False
        call: Edge | None = edge
        while call is not None and call.how == "override":
            call = self._reached[call.caller][1]
        if call is None or call.how != "call" or call.call < 0 or call.awaited:
            return False
        return bool(call.caller.body.calls[call.call].usage & DISCARDED)

    def _implied(self, caller: Scope) -> Iterator[Edge]:
        """What no call says: an override runs in place of the method; a made object is asked for its special methods."""
        for method in (*self._overrides.get(caller, ()), *self._of_made_object(caller)):
            yield Edge(caller, caller.line, 1, "override", POSSIBLE, method)

    def _of_made_object(self, caller: Scope) -> Iterator[Scope]:
        """Python calls the special methods, a library those that it knows from its base class."""
        cls = caller if caller.kind == "class" else caller.owner if caller.name in _MAKING else None
        if cls is None or (caller.kind == "class" and self._reached[caller][0].reach is Reach.PROJECT):
            return
        libraries = [base for base in self._graph.inference.classes.line(cls)[1] if base not in PLAIN_BASES]
        for method in cls.children:
            if method.kind == "function" and (libraries or method.name.startswith("__")):
                yield method

    def all(self) -> tuple[Entry, ...]:
        """Every entry, the strongest first."""
        return self._all

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
            if _is_of_body(found[1]):
                break  # the class may be reached in another way as well
            outer = self._by.get(found[1])
            if outer is not None:
                path.append(outer)
            found = self._reached.get((outer or found[1]).caller)
        return tuple(reversed(path))


def _is_of_body(edge: Edge) -> bool:
    """A call of a function where a class is made; what its body constructs lives on in the class."""
    return edge.caller.kind == "class" and edge.how == "call"


def find_entries(
    modules: dict[str, Module],
    inference: Inference,
    graph: CallGraph,
    manifest: Manifest,
    routes: tuple[Route, ...],
) -> Entries:
    """All entry points of the production code."""
    production = [module for module in modules.values() if module.kind is FileKind.PRODUCTION]
    routed = list(route_entries(modules, inference, routes))
    unserved = {entry.scope for entry in routed if entry.is_unserved}
    found = [
        *routed,
        *decorated_entries(production, inference),
        *called_entries(production, inference),
        # Nobody comes to a view by its base class alone.
        *(entry for entry in class_entries(production, inference) if entry.scope not in unserved),
        *script_entries(modules, inference, graph, manifest),
        *import_entries(production),
        *factory_entries(production, {route.application for route in routes}),
    ]
    return Entries(found, graph, _overrides(production, inference))


def _overrides(modules: Iterable[Module], inference: Inference) -> dict[Scope, list[Scope]]:
    """For each method the methods of subclasses that stand in for it."""
    found: dict[Scope, list[Scope]] = {}
    for module in modules:
        for cls in module.scopes:
            if cls.kind == "class" and cls.facts.bases:
                for base in inference.classes.line(cls)[0][1:]:
                    own = {child.name: child for child in base.children if child.kind == "function"}
                    for method in cls.children:
                        if method.kind == "function" and method.name in own and method.name not in _MAKING:
                            found.setdefault(own[method.name], []).append(method)
    return found


__all__ = ["Entries", "Entry", "find_entries"]
