"""The way from what a deployment starts down to the import that ends it."""

from collections import deque
from collections.abc import Iterator

from greenroom.model.place import Place
from greenroom.project.calls.symbols import Symbols
from greenroom.project.code.facts import Import
from greenroom.project.code.module import Module
from greenroom.project.project import Project
from greenroom.project.settings.processes import find_processes


class ImportChains:
    """Answers for one project: which imports run before the first request, and by which way."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._ways: dict[Module, tuple[Place, ...]] | None = None

    def to(self, module: Module) -> tuple[Place, ...]:
        """The imports from the started module down to this one; empty where no start leads there."""
        return self._found().get(module, ())

    def _found(self) -> dict[Module, tuple[Place, ...]]:
        if self._ways is None:
            self._ways = {}
            queue: deque[Module] = deque()
            for module, place in self._started():
                if module not in self._ways:
                    self._ways[module] = (place,)
                    queue.append(module)
            while queue:
                importer = queue.popleft()
                for part, target in imported_at_once(self._project.symbols, importer):
                    if target not in self._ways:
                        note = f"imports `{target.name}`"
                        step = Place(path=importer.path, line=part.line, note=note)
                        self._ways[target] = (*self._ways[importer], step)
                        queue.append(target)
        return self._ways

    def _started(self) -> Iterator[tuple[Module, Place]]:
        project = self._project
        for process in find_processes(
            project.configuration, project.inventory, project.manifest, project.symbols
        ):
            if process.module is not None:
                note = f"starts `{process.module.name}`"
                yield process.module, Place(path=process.path, line=process.line, note=note)


def imported_at_once(symbols: Symbols, importer: Module) -> Iterator[tuple[Import, Module]]:
    """What an import of the file imports at once, without a condition and without a net."""
    for part in importer.imports_in(0):
        if part.guard:
            continue
        target = symbols.imported_module(importer, part.level, part.module)
        inner = symbols.submodule(target, part.name) if target is not None and part.name else None
        yield from ((part, each) for each in (target, inner) if each is not None and each is not importer)
