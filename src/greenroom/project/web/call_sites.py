"""Where a function of the project is called, found without reading what cannot hold such a call."""

import re
from collections.abc import Iterable

from greenroom.project.calls.infer import Inference
from greenroom.project.code.module import Module, Scope

_MOST_SITES = 400


class CallSites:
    """Looks for a name in the packed modules first: most of them stay packed."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._modules = list(modules)
        self._known: dict[Scope, tuple[tuple[Scope, int], ...]] = {}

    def of(self, function: Scope, inference: Inference) -> tuple[tuple[Scope, int], ...]:
        """Scope and index of every call of the function (or of its class, for a constructor)."""
        found = self._known.get(function)
        if found is None:
            owner = function.owner
            sought = owner if function.name == "__init__" and owner is not None else function
            found = self._known[function] = tuple(self._search(sought, inference))[:_MOST_SITES]
        return found

    def _search(self, sought: Scope, inference: Inference) -> Iterable[tuple[Scope, int]]:
        needle = re.compile(re.escape(sought.name.encode()))
        for module in self._modules:
            if needle.search(module.packed_bodies) is None:
                continue
            for scope, body in zip(module.scopes, module.bodies, strict=True):
                for index, call in enumerate(body.calls):
                    callee = call.callee
                    name = callee if isinstance(callee, str) else callee[2] if _is_attribute(callee) else ""
                    if name.rsplit(".", 1)[-1] == sought.name and any(
                        value.ref is sought for value in inference.expression(scope, callee)
                    ):
                        yield scope, index


def _is_attribute(callee: object) -> bool:
    return isinstance(callee, tuple) and callee[0] == "attr"
