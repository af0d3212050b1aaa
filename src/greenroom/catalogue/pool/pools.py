"""Pools with a size: which one a call takes from, and how many there are."""

from collections.abc import Iterator
from typing import NamedTuple

from greenroom.project.calls.bindings import Binding
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_TAKES = frozenset(
    {"acquire", "getconn", "connection", "connect", "begin", "raw_connection", "get_connection"}
)
_ENTERED = facts.ENTERED | facts.ENTERED_ASYNC
_RUNS = frozenset({"call", "construct", "enter", "property", "iterate"})
_DEEPEST = 5


class Pool(NamedTuple):
    """One pool of the project."""

    owner: Module | Scope
    """The module or class that holds it, the function that gives it, or the one it is local to."""
    name: str

    @property
    def is_shared(self) -> bool:
        """Whether two functions can mean the same one."""
        return isinstance(self.owner, Module) or self.owner.kind == "class" or not self.name


class Take(NamedTuple):
    """A call that takes a connection from a pool with a size."""

    edge: Edge
    pool: Pool
    size: str
    """As messages say it: `10`, `5, and 10 more for a while`; empty where it is not known."""
    waits: str
    """What somebody meets who finds it empty."""

    @property
    def call(self) -> Call:
        return self.edge.caller.body.calls[self.edge.call]


class Pools:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._takes: dict[Scope, tuple[Take, ...]] = {}
        self._known_engines: set[str | None] | None = None

    def takes(self, scope: Scope) -> tuple[Take, ...]:
        """The calls of a scope that take from a bounded pool."""
        if scope not in self._takes:
            self._takes[scope] = tuple(self._find(scope))
        return self._takes[scope]

    def _find(self, scope: Scope) -> Iterator[Take]:
        for edge in self._project.graph.effects(scope):
            if edge.effect is None or edge.call < 0 or edge.certainty < PROBABLE:
                continue
            if edge.effect.acquires == "session" and edge.effect.symbol.startswith(
                ("sqlalchemy.", "sqlmodel.")
            ):
                yield from self._session(edge)
                continue
            kind, _, method = edge.effect.symbol.rpartition(".")
            described = self._project.effects.library_class(kind)
            if described is None or method not in _TAKES or not described.constructor.pool:
                continue
            callee = scope.body.calls[edge.call].callee
            pool = self._identity(scope, callee.rpartition(".")[0]) if isinstance(callee, str) else None
            facts_of_pool = dict(described.constructor.pool)
            size = self._size(pool, facts_of_pool) if pool is not None else None
            if pool is not None and size is not None:
                yield Take(edge, pool, size, _waits(scope.body.calls[edge.call], facts_of_pool))

    def _session(self, edge: Edge) -> Iterator[Take]:
        """A session takes a connection of its engine's pool with its first statement."""
        callee = edge.caller.body.calls[edge.call].callee
        engines = self._engines()
        if isinstance(callee, str) and engines is not None:
            pool = self._identity(edge.caller, callee)
            if pool is not None:
                yield Take(edge, pool, engines, "waits, and then fails,")

    def _engines(self) -> str | None:
        """The size of the pools of the engines; None where one has no pool, or nobody makes one."""
        if self._known_engines is None:
            self._known_engines = {
                _engine_size(edge.caller.body.calls[edge.call])
                for edge in self._project.graph.all_edges()
                if edge.symbol.endswith(("create_engine", "create_async_engine"))
                and edge.call >= 0
                and edge.caller.module.kind is FileKind.PRODUCTION
            }
        sizes = self._known_engines
        if not sizes or None in sizes:
            return None
        return next(iter(sizes)) if len(sizes) == 1 else ""

    def _identity(self, scope: Scope, head: str) -> Pool | None:
        base, _, name = head.rpartition(".")
        if base:
            for value in self._project.inference.name(scope, base):
                if value.kind in ("instance", "class"):
                    return Pool(value.ref, name)
                if value.kind == "module":
                    return Pool(value.ref, name)
            return None
        bound = self._project.inference.bindings(scope).get(head, ()) if scope.kind != "module" else ()
        if len(bound) == 1 and bound[0].how == "value":
            return self._local(scope, head, bound[0])
        if bound:
            return Pool(scope, head)
        for definition in self._project.symbols.define(scope.module, head):
            if definition.kind == "variable" and definition.module is not None:
                return Pool(definition.module, definition.symbol)
        return None

    def _local(self, scope: Scope, name: str, binding: Binding) -> Pool | None:
        """`pool = await get_pool()`: the pool of that function; `pool = self.pool`: that one."""
        source = _awaited(binding.source)
        if isinstance(source, str):
            return self._identity(scope, source)
        if isinstance(source, int):
            for edge in self._project.graph.edges(scope):
                if edge.call == source and edge.target is not None and edge.how == "call":
                    return Pool(edge.target, "")
        return Pool(scope, name)

    def _size(self, pool: Pool, described: dict[str, str]) -> str | None:
        """How many; empty where nobody can tell, None where there is no limit."""
        made = self._made(pool)
        given = None
        for scope, index in made:
            call = scope.body.calls[index]
            if _has_no_pool(call):
                return None
            given = call.keyword(described.get("size", ""))
        literal = facts.constant(given)
        if isinstance(literal, int):
            return str(literal) if literal > 0 else None
        if given is not None or not made:
            return "" if described.get("default") != "unbounded" or given is not None else None
        default = described.get("default", "")
        return None if default == "unbounded" else ("" if default == "unknown" else default)

    def _made(self, pool: Pool) -> list[tuple[Scope, int]]:
        """Where the pool is made."""
        bindings: list[tuple[Scope, Binding]] = []
        if isinstance(pool.owner, Module):
            bindings = [(pool.owner.top, part) for part in self._bound(pool.owner.top, pool.name)]
            bindings += self._project.inference.stores.globals_assigned(pool.owner, pool.name)
        elif pool.owner.kind == "class":
            for place, bound in self._project.inference.classes.attribute(pool.owner, pool.name):
                bindings += [(place, part) for part in bound.get(pool.name, ())]
        elif pool.name:
            bindings = [(pool.owner, part) for part in self._bound(pool.owner, pool.name)]
        found = [(scope, _awaited(part.source)) for scope, part in bindings if part.how == "value"]
        return [(scope, source) for scope, source in found if isinstance(source, int)]

    def _bound(self, scope: Scope, name: str) -> list[Binding]:
        return list(self._project.inference.bindings(scope).get(name, ()))

    def client(self, edge: Edge) -> tuple[str, str] | None:
        """Name and size of the pool in a client on which a call is made, where its module writes the size."""
        kind = edge.symbol.rpartition(".")[0]
        described = self._project.effects.library_class(kind)
        if described is None or not described.constructor.pool or edge.call < 0:
            return None
        size = dict(described.constructor.pool).get("size", "")
        callee = edge.caller.body.calls[edge.call].callee
        for scope in edge.caller.module.scopes:
            for made in self._project.graph.edges(scope):
                literal = (
                    facts.constant(scope.body.calls[made.call].keyword(size)) if made.call >= 0 else None
                )
                same = made.effect is not None and kind in (made.effect.returns, made.effect.symbol)
                if isinstance(literal, int) and same and isinstance(callee, str):
                    return callee.rpartition(".")[0], str(literal)
        return None

    def below(self, edge: Edge) -> Iterator[tuple[tuple[Edge, ...], Take]]:
        """What the target of a call takes, through the calls that it makes itself."""
        seen: set[Scope] = set()
        ways: list[tuple[Edge, ...]] = [(edge,)]
        while ways:
            way = ways.pop(0)
            target = way[-1].target
            if target is None or target in seen or len(way) > _DEEPEST:
                continue
            seen.add(target)
            for take in self.takes(target):
                yield way, take
            ways.extend(
                (*way, part)
                for part in self._project.graph.edges(target)
                if part.target is not None and part.how in _RUNS and part.certainty >= PROBABLE
            )


def region(take: Take) -> int:
    """The block in which the connection is held: that of its `with`; -1 where there is none."""
    if not take.call.usage & _ENTERED:
        return -1
    for index, block in enumerate(take.edge.caller.body.blocks):
        if block.kind in ("with", "async-with") and any(
            _awaited(expression) == take.edge.call for expression, _ in block.detail
        ):
            return index
    return -1


def _engine_size(call: Call) -> str | None:
    """As messages say it; None where the engine keeps no pool."""
    if _has_no_pool(call):
        return None
    size, more = facts.constant(call.keyword("pool_size")), facts.constant(call.keyword("max_overflow"))
    size = 5 if call.keyword("pool_size") is None else size
    more = 10 if call.keyword("max_overflow") is None else more
    return (
        str(size + more) if isinstance(size, int) and isinstance(more, int) and size > 0 and more >= 0 else ""
    )


def _waits(call: Call, described: dict[str, str]) -> str:
    if call.keyword("timeout") is not None:
        return "waits until its time is up"
    return "waits, and then fails," if described.get("wait") else "waits without a limit"


def _has_no_pool(call: Call) -> bool:
    texts = [value for _, value in call.keywords if isinstance(value, str)]
    if any(text.endswith(("NullPool", "StaticPool")) for text in texts):
        return True
    first = facts.constant(call.arguments[0]) if call.arguments else None
    return isinstance(first, str) and first.startswith("sqlite")


def _awaited(expression: Expression) -> Expression:
    return expression[1] if isinstance(expression, tuple) and expression[0] == facts.AWAIT else expression
