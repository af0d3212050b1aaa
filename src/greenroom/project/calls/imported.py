"""Which files are imported, and by whom it counts."""

from collections.abc import Iterable, Iterator

from greenroom.project.calls.symbols import Symbols
from greenroom.project.code.facts import Import
from greenroom.project.code.module import Module


def imported_by(importers: Iterable[Module], symbols: Symbols) -> set[Module]:
    """The files of the project that one of these imports, itself left out."""
    found: set[Module] = set()
    for module in importers:
        for part, target, inner in symbols.imports(module):
            # From a folder without an `__init__` only what stands in it is imported.
            below = f"{part.module}.{part.name}".strip(".") if target is None and part.name else ""
            known = (target, symbols.imported_module(module, part.level, below) if below else inner)
            found.update(each for each in known if each is not None and each is not module)
    return found


def imported_at_once(symbols: Symbols, importer: Module) -> Iterator[tuple[Import, Module]]:
    """What an import of the file imports at once, without a condition and without a net."""
    for part in importer.imports_in(0):
        if part.guard:
            continue
        target = symbols.imported_module(importer, part.level, part.module)
        # From a folder without an `__init__` only what stands in it is imported.
        below = f"{part.module}.{part.name}".strip(".") if target is None and part.name else ""
        inner = symbols.submodule(target, part.name) if target is not None and part.name else None
        inner = symbols.imported_module(importer, part.level, below) if below else inner
        yield from ((part, each) for each in (target, inner) if each is not None and each is not importer)


def loaded_at_once(symbols: Symbols, module: Module) -> set[Module]:
    """The file, and all that its imports load before it is through, without a condition and without a net."""
    found, queue = {module}, [module]
    while queue:
        for _, target in imported_at_once(symbols, queue.pop()):
            if target not in found:
                found.add(target)
                queue.append(target)
    return found
