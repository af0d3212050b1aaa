"""Modules that tests import when they begin: were one of their imports to fail, no test of those files would run."""

from collections.abc import Iterator
from functools import cached_property

from greenroom.catalogue.startup.unparsed import confidence_of
from greenroom.model.finding import Confidence
from greenroom.project.calls.imported import imported_at_once, loaded_at_once
from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project


class KnownToWork:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def includes(self, module: Module) -> bool:
        """Whether somebody would have noticed, at every run of the tests, that the module cannot be imported."""
        return module.kind is FileKind.PRODUCTION and module in self._reached

    @cached_property
    def _reached(self) -> set[Module]:
        found = {module for module in self._project.modules.values() if module.kind is FileKind.TEST}
        found = {module for module in found if not self._ends(module)}
        queue = list(found)
        while queue:
            for target in self._loaded(queue.pop()):
                if target not in found:
                    found.add(target)
                    queue.append(target)
        return found

    @cached_property
    def _wrong(self) -> set[Module]:
        """The files that no Python reads."""
        return {
            module
            for module in self._project.modules.values()
            if module.error is not None and confidence_of(self._project, module) is Confidence.DEFINITE
        }

    def _ends(self, module: Module) -> bool:
        """Whether its import ends at such a file, so that it has tried nothing."""
        loads = self._wrong and loaded_at_once(self._project.symbols, module)
        return bool(loads) and not self._wrong.isdisjoint(loads)

    def _loaded(self, importer: Module) -> Iterator[Module]:
        """What its imports load, the packages around included."""
        modules = self._project.modules
        for _, target in imported_at_once(self._project.symbols, importer):
            yield target
            folder = target.folder
            while folder and (package := modules.get(f"{folder}/__init__.py")) is not None:
                yield package
                folder = folder.rpartition("/")[0]
