"""The way from what a deployment starts down to the import that ends it."""

from collections import deque
from collections.abc import Iterator

from greenroom.model.place import Place
from greenroom.project.calls.imported import imported_at_once
from greenroom.project.code.module import Module
from greenroom.project.project import Project


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
        for process in project.processes:
            if process.module is not None:
                note = f"starts `{process.module.name}`"
                yield process.module, Place(path=process.path, line=process.line, note=note)
