"""Modules that may fail at their import, as who imports them expects it."""

from functools import cached_property

from greenroom.project.code.module import Module
from greenroom.project.project import Project


class Optional:
    """Those whose importers all stand in `try: … except ImportError:`."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def includes(self, module: Module) -> bool:
        """Whether the module is imported, and by nobody who needs it."""
        return self._guarded.get(module, False)

    @cached_property
    def _guarded(self) -> dict[Module, bool]:
        """By module that is imported: whether each import of it is guarded."""
        found: dict[Module, bool] = {}
        symbols = self._project.symbols
        for importer in self._project.modules.values():
            for part, whole, _ in symbols.imports(importer):
                inner = f"{part.module}.{part.name}" if part.module else str(part.name)
                submodule = symbols.imported_module(importer, part.level, inner) if part.name else None
                for target in {whole, submodule} - {None, importer}:
                    if target is not None and part.guard != "typing":
                        found[target] = found.get(target, True) and part.guard == "try"
        return found
