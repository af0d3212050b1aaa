"""Which scopes can mean one of the containers, told from their packed bodies."""

import re
from collections.abc import Iterable, Iterator

from greenroom.catalogue.resource.container import Container
from greenroom.detect.search import words
from greenroom.project.code.facts import Import
from greenroom.project.code.module import Module, Scope
from greenroom.project.code.searches import search
from greenroom.project.project import Project

_MEMBERS = re.compile(rb"\.([\w\x80-\xff]+)")
"""With what happens to stand behind the name in the packed form."""


class Mentions:
    """Of the containers of one project; some scopes too many, none too few."""

    def __init__(self, project: Project, containers: Iterable[Container]) -> None:
        self._modules = project.production()
        imports = [part for module in project.modules.values() for part in module.imports]
        self._globals: dict[Module, set[str]] = {}
        for container in containers:
            if isinstance(container.owner, Module) or container.owner.is_function:
                self._globals.setdefault(container.place.module, set()).add(container.name)
        everywhere = {name for names in self._globals.values() for name in names}
        held = {part.name for part in containers if isinstance(part.owner, Scope)}
        self.names = _with_aliases(everywhere, imports) | held
        """Of all containers, and what they are called where they are imported."""
        self._is_member = _Prefixes(self.names)
        self._plain: dict[Module, frozenset[str]] = {}

    def scopes(self) -> Iterator[Scope]:
        """Those that mention one, or stand in a function that may give one another name."""
        for module in self._modules:
            plain = search(module.packed_bodies, module.ends, words(*self.plain_names(module)))
            found: set[Scope] = set()
            for scope in module.scopes:
                outer = scope.parent
                inherits = outer in found and outer is not module.top
                if inherits or plain >> scope.index & 1 or self._mentions_member(scope):
                    found.add(scope)
                    yield scope

    def plain_names(self, module: Module) -> frozenset[str]:
        """The names that can mean one in this module, without a dot."""
        if module not in self._plain:
            self._plain[module] = self._read_names(module)
        return self._plain[module]

    def _read_names(self, module: Module) -> frozenset[str]:
        found = set(self._globals.get(module, ()))
        for part in module.imports:
            if part.name == "*":
                return self.names
            if part.name in self.names:
                found.add(part.alias)
        return frozenset(found)

    def _mentions_member(self, scope: Scope) -> bool:
        packed = scope.module.packed_body(scope.index)
        return any(map(self._is_member.__getitem__, _MEMBERS.findall(packed)))


class _Prefixes(dict[bytes, bool]):
    """Text → whether it begins with one of these names, found once."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        self._names = frozenset(name.encode() for name in names)
        self._beginnings = frozenset(name[:size] for name in self._names for size in range(1, len(name) + 1))

    def __missing__(self, text: bytes) -> bool:
        found = self[text] = self._begins(text)
        return found

    def _begins(self, text: bytes) -> bool:
        for size in range(1, len(text) + 1):
            beginning = text[:size]
            if beginning not in self._beginnings:
                return False
            if beginning in self._names:
                return True
        return False


def _with_aliases(names: Iterable[str], imports: list[Import]) -> frozenset[str]:
    """`from app.state import ROOMS as rooms`, and what others import from there."""
    found, known = set(names), -1
    while known < len(found):
        known = len(found)
        found.update(part.alias for part in imports if part.name in found)
    return frozenset(found)
