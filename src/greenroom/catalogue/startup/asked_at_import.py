"""What a program asks of a store while its files are imported: `Base.metadata.create_all(engine)` at the top of one."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.project.calls.graph import Edge
from greenroom.project.calls.imported import loaded_at_once
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.startup.sequence import asked_below, below

_CREATE: Final = b"create_all"
_PLAIN: Final = frozenset({"body", "with", "async-with"})


class Asked(NamedTuple):
    """A call at the top of a file that goes to a store."""

    module: Module
    name: str
    """Of what is called there."""
    kinds: frozenset[str]
    """Of what is asked: `database`, `cache` …"""
    path: frozenset[Scope]
    """The functions of the project that run for it."""


def asked_at_import(project: Project, started: Module) -> Iterator[Asked]:
    """Every such call of what a process loads before its first line is through, without a condition and without a net."""
    for module in sorted(loaded_at_once(project.symbols, started), key=lambda part: part.path):
        if module.kind is FileKind.PRODUCTION:
            yield from _made_tables(module)
            for edge in project.graph.edges(module.top):
                scopes = below(project.graph, edge.target) if edge.target is not None else set()
                kinds = _kinds(project, edge, scopes) if _is_asked(module, edge) else frozenset()
                if kinds:
                    name = facts.last_name(module.top.body.calls[edge.call].callee)
                    yield Asked(module, name, kinds, frozenset(scopes))


def makes_tables(scope: Scope) -> bool:
    """`Base.metadata.create_all(engine)`: whoever made the `Base`, a database is asked."""
    return any(_makes_tables(call) for call in scope.body.calls)


def _made_tables(module: Module) -> Iterator[Asked]:
    if module.mentions(0, _CREATE):
        body = module.top.body
        if any(_makes_tables(call) and _is_certain(body, call) for call in body.calls):
            yield Asked(module, "create_all", frozenset({"database"}), frozenset())


def _makes_tables(call: Call) -> bool:
    return isinstance(call.callee, str) and call.callee.endswith("metadata.create_all")


def _kinds(project: Project, edge: Edge, scopes: set[Scope]) -> frozenset[str]:
    if edge.target is not None and edge.target.is_async:
        return frozenset()
    if edge.target is not None:
        tables = {"database"} if any(map(makes_tables, scopes)) else set()
        return frozenset({*asked_below(project.graph, scopes), *tables})
    return frozenset({edge.effect.kind} if edge.effect is not None and edge.effect.is_remote else ())


def _is_asked(module: Module, edge: Edge) -> bool:
    body = module.top.body
    named = edge.call >= 0 and edge.how in ("call", "construct") and edge.certainty >= PROBABLE
    return named and _is_certain(body, body.calls[edge.call])


def _is_certain(body: Body, call: Call) -> bool:
    """Whether importing the file makes the call whatever happens."""
    return not call.usage & facts.GENERATED and all(
        block.kind in _PLAIN for block in body.enclosing(call.block)
    )
