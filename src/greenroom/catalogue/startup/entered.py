"""Packages of which somebody outside of them imports something: of others, nobody notices that they cannot be imported."""

import posixpath
from functools import cached_property

from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project


class Entered:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def is_forgotten(self, module: Module) -> bool:
        """Whether it is the `__init__.py` of a package inside a package of production that nobody enters."""
        around = posixpath.dirname(module.folder)
        return (
            module.kind is FileKind.PRODUCTION
            and module.path.endswith("/__init__.py")
            and f"{around}/__init__.py" in self._project.modules
            and module.folder not in self._folders
        )

    @cached_property
    def _folders(self) -> set[str]:
        """The folders of what is imported, and those around it, as far as the importer stands outside."""
        found: set[str] = set()
        symbols = self._project.symbols
        for importer in self._project.modules.values():
            for _, *found_there in symbols.imports(importer):
                for each in found_there:
                    folder = each.folder if each is not None else ""
                    while folder and folder not in found and not importer.path.startswith(f"{folder}/"):
                        found.add(folder)
                        folder = posixpath.dirname(folder)
        return found
