"""Which files are imported, and by whom it counts."""

from collections.abc import Iterable

from greenroom.project.calls.symbols import Symbols
from greenroom.project.code.module import Module


def imported_by(importers: Iterable[Module], symbols: Symbols) -> set[Module]:
    """The files of the project that one of these imports, itself left out."""
    found: set[Module] = set()
    for module in importers:
        for _, target, inner in symbols.imports(module):
            found.update(each for each in (target, inner) if each is not None and each is not module)
    return found
