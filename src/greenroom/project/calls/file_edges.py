"""The edges that leave the scopes of one file, and their form for another run."""

import marshal
from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import partial
from typing import Any

from greenroom.project.calls.edge import Edge
from greenroom.project.code.module import Module, Scope
from greenroom.project.libraries.library import Effect

_SCOPE_BITS = 20  # no file has a million scopes
_NOBODY = -1
_AS_EDGE = partial(tuple.__new__, Edge)
Outgoing = dict[int, tuple[Edge, ...]]
"""The edges of a file by the index of their scope."""
_EFFECT_FIELDS = tuple(field.name for field in fields(Effect))


def key_of(scope: Scope) -> int:
    """A scope as a number."""
    return scope.module.bit.bit_length() - 1 << _SCOPE_BITS | scope.index


def module_number(key: int) -> int:
    """The place of its module among all modules."""
    return key >> _SCOPE_BITS


class FileEdges:
    """Edges by scope. Those of an earlier run are decoded when somebody asks for them.

    Args:
        module: the file.
        packing: knows what the numbers in `edges` stand for.
        edges: by scope, or as `packing` keeps them.
        targets: the scopes of the project to which they lead, as keys.
    """

    __slots__ = ("_edges", "_into", "_module", "_packing", "targets")

    def __init__(
        self, module: Module, packing: "Packing", edges: Outgoing | bytes, targets: tuple[int, ...]
    ) -> None:
        self._module = module
        self._packing = packing
        self._edges = edges
        self._into: dict[Scope, list[Edge]] | None = None
        self.targets = targets

    def out(self, index: int) -> tuple[Edge, ...]:
        """What the scope of this index calls."""
        return self._opened().get(index, ())

    def put(self, index: int, edges: tuple[Edge, ...]) -> None:
        """Take these for what the scope of this index calls, in this run."""
        opened = self._opened()
        self._edges = {**opened, index: edges}
        self._into = None
        self.targets = tuple(
            dict.fromkeys(
                (*self.targets, *(key_of(edge.target) for edge in edges if edge.target is not None))
            )
        )

    def all(self) -> Iterable[tuple[Edge, ...]]:
        """Scope by scope."""
        return self._opened().values()

    def into(self, target: Scope) -> Sequence[Edge]:
        """Those that lead to this scope."""
        if self._into is None:
            self._into = {}
            for edges in self._opened().values():
                for edge in edges:
                    if edge.target is not None:
                        self._into.setdefault(edge.target, []).append(edge)
        return self._into.get(target, ())

    def _opened(self) -> Outgoing:
        if isinstance(self._edges, bytes):
            self._edges = self._packing.unpack(self._module, self._edges)
        return self._edges


class Packing:
    """Edges as bytes: scopes as numbers, effects by their place in one table."""

    def __init__(self, modules: Sequence[Module], table: Iterable[tuple[Any, ...]]) -> None:
        self._modules = modules
        self.table: list[tuple[Any, ...]] = list(table)
        """The fields of each effect."""
        self._effects: list[Effect | None] = [None] * len(self.table)
        self._numbers = {entry: number for number, entry in enumerate(self.table)}
        self._by_identity: dict[int, tuple[int, Effect]] = {}

    def scope(self, key: int) -> Scope:
        """The scope that a key stands for."""
        return self._modules[key >> _SCOPE_BITS].scopes[key & (1 << _SCOPE_BITS) - 1]

    def pack(self, out: Outgoing) -> bytes:
        """Edges by scope as bytes."""
        return marshal.dumps([(index, [self._row(edge) for edge in edges]) for index, edges in out.items()])

    def _row(self, edge: Edge) -> tuple[Any, ...]:
        _, line, column, how, certainty, target, symbol, effect, call, awaited = edge
        return (
            line, column, how, certainty, _NOBODY if target is None else key_of(target), symbol,
            _NOBODY if effect is None else self._number(effect), call, awaited,
        )  # fmt: skip

    def _number(self, effect: Effect) -> int:
        known = self._by_identity.get(id(effect))
        if known is None:
            entry = tuple([getattr(effect, name) for name in _EFFECT_FIELDS])
            number = self._numbers.setdefault(entry, len(self.table))
            if number == len(self.table):
                self.table.append(entry)
                self._effects.append(effect)
            known = self._by_identity[id(effect)] = (number, effect)
        return known[0]

    def unpack(self, module: Module, packed: bytes) -> Outgoing:
        """What `pack` made of the edges of this module's scopes."""
        scopes, scope_of, effect_of = module.scopes, self.scope, self._effect
        return {
            index: tuple([
                _AS_EDGE((
                    scopes[index], line, column, how, certainty, None if target < 0 else scope_of(target),
                    symbol, None if effect < 0 else effect_of(effect), call, awaited,
                ))
                for line, column, how, certainty, target, symbol, effect, call, awaited in rows
            ])
            for index, rows in marshal.loads(packed)  # noqa: S302  from this process, or from a checked pack
        }  # fmt: skip

    def _effect(self, number: int) -> Effect:
        found = self._effects[number]
        if found is None:
            entry = dict(zip(_EFFECT_FIELDS, self.table[number], strict=True))
            found = self._effects[number] = Effect(**entry)
        return found
