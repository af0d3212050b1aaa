"""Classes that keep what a `Protocol` promises without deriving from it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.module import Module, Scope

_STANDS_IN: Final = re.compile(r"^(?:Mock|Fake|Stub|Dummy)|(?:Mock|Fake|Stub|Dummy)$")
"""What stands in for the others where there is no server: nobody's production."""

_Shape = dict[str, tuple[str, ...]]
"""By the name of a method, what its parameters are called."""


def find_keepers(modules: Iterable[Module]) -> Iterator[tuple[Scope, Scope]]:
    """Each protocol with a class that has all of its methods, with parameters of the same names."""
    modules = list(modules)
    promises = [(cls, shape) for module in modules for cls in _protocols(module) if (shape := _shape_of(cls))]
    if not promises:
        return
    wanted = {name for _, shape in promises for name in shape}
    having: dict[str, list[Scope]] = defaultdict(list)
    for module in modules:
        for scope in module.scopes:
            if scope.kind == "function" and scope.name in wanted and scope.owner is not None:
                having[scope.name].append(scope.owner)
    for protocol, shape in promises:
        for cls in dict.fromkeys(having[next(iter(shape))]):
            if cls is not protocol and not _STANDS_IN.search(cls.name) and _keeps(cls, shape):
                yield protocol, cls


def _protocols(module: Module) -> Iterator[Scope]:
    for scope in module.scopes:
        if scope.kind == "class" and any(_is_protocol(base) for base in scope.facts.bases):
            yield scope


def _is_protocol(base: facts.Expression) -> bool:
    """`Protocol`, `typing.Protocol`, `Protocol[T]`."""
    bare = base[1] if type(base) is tuple and base[0] == facts.ITEM else base
    return isinstance(bare, str) and bare.rpartition(".")[2] == "Protocol"


def _shape_of(cls: Scope) -> _Shape:
    return {
        child.name: tuple([parameter.name for parameter in child.parameters])
        for child in cls.children
        if child.kind == "function" and not child.name.startswith("__")
    }


def _keeps(cls: Scope, shape: _Shape) -> bool:
    own = _shape_of(cls)
    return all(own.get(name, ())[: len(names)] == names for name, names in shape.items()) and not any(
        map(_is_protocol, cls.facts.bases)
    )
