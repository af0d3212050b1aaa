"""Which files are imported, and by whom it counts."""

from collections.abc import Iterable

from greenroom.project.calls.symbols import Symbols
from greenroom.project.code.module import Module


def imported_by(importers: Iterable[Module], symbols: Symbols) -> set[Module]:
    """The files of the project that one of these imports, itself left out."""
    found: set[Module] = set()
    for module in importers:
        for part in module.imports:
            target = symbols.imported_module(module, part.level, part.module)
            inner = symbols.submodule(target, part.name) if target is not None and part.name else None
            found.update(each for each in (target, inner) if each is not None and each is not module)
    return found
