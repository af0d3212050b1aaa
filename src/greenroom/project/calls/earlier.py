"""What an earlier run resolved, and how much of it still holds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

from greenroom.project.code.module import Module

_MOST_NAMES = 60
"""Beyond that, to look for them in every file costs more than it saves."""


class Resolved(NamedTuple):
    """What is kept of one file. Scopes stand as keys, sets of modules as bits."""

    seen: int
    """The modules that the edges rest on."""
    packed: bytes
    """The edges."""
    targets: tuple[int, ...]
    """The scopes of the project to which they lead."""
    seen_by_lines: int
    """The modules that the lines rest on."""
    lines: tuple[tuple[int, tuple[int, ...]], ...]
    """By class of the file: its bases in lookup order."""


class Tables(NamedTuple):
    """What every file may consult beside modules that it leads to; plain, so that two runs can be compared."""

    functions: frozenset[str]
    properties: frozenset[str]
    methods: dict[str, int]
    """Methods that only one class has, and in which module."""
    placed: dict[str, tuple[int, ...]]
    """Names under which something is put somewhere, and in which modules."""


class Earlier(NamedTuple):
    """A run over the same files in the same world; any of their contents may be others by now."""

    world: bytes
    digests: Sequence[str]
    tables: Tables
    subclasses: Mapping[int, tuple[int, ...]]
    """By class: in which modules its subclasses are."""
    effects: Sequence[tuple[Any, ...]]
    files: Mapping[int, Any]
    """By number of the module."""

    @classmethod
    def read(cls, value: Any, world: bytes) -> Self | None:
        """What `plain` made, if it was in this world."""
        if value is None or value[0] != world:
            return None
        found = cls(*value)
        return found._replace(
            tables=Tables(*found.tables),
            files={number: Resolved(*file) for number, file in found.files.items()},
        )

    def plain(self) -> tuple[Any, ...]:
        """For `marshal`, which takes no named tuples."""
        files = {number: tuple(file) for number, file in self.files.items()}
        return tuple(
            [
                tuple(self.tables) if part is self.tables else files if part is self.files else part
                for part in self
            ]
        )

    def touched(self, modules: Sequence[Module], tables: Tables) -> int:
        """The modules whose meaning for others may have changed.

        A name of a table is always read from the text of a body; so, where a table tells something else of
        a name, each file that holds the name counts as changed, and with it all that rests on that file.
        """
        if self.tables.placed != tables.placed:
            return everything(modules)
        names = self._changed_names(tables)
        if len(names) > _MOST_NAMES:
            return everything(modules)
        texts = [name.encode() for name in names]
        touched = 0
        for module, digest in zip(modules, self.digests, strict=True):
            if module.digest != digest or any(text in module.packed_bodies for text in texts):
                touched |= module.bit
        return touched

    def _changed_names(self, tables: Tables) -> set[str]:
        before, now = self.tables, tables
        methods = before.methods.items() ^ now.methods.items()
        return {
            *(before.functions ^ now.functions),
            *(before.properties ^ now.properties),
            *(name for name, _ in methods),
        }


def everything(modules: Iterable[Module]) -> int:
    """All of them, as bits."""
    return sum(module.bit for module in modules)
