"""Does anything but a test name the function or class that a client stands in?"""

from collections.abc import Iterator

from greenroom.catalogue.resource.remembered import words_of
from greenroom.detect.search import mentioning, words
from greenroom.project.code import facts
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project


class Named:
    """Answers for one project; what was asked once is remembered."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[Scope, bool] = {}
        self._imported: set[Module] | None = None

    def is_named(self, scope: Scope) -> bool:
        """Whether anybody may come to this code.

        A file that nobody imports may be the door of a library; where others import the file and never this
        name, nobody comes to it.
        """
        outer = _outermost(scope)
        if outer.kind == "module" or outer.decorators or outer.name.startswith("__"):
            return True
        if outer not in self._known:
            self._known[outer] = (
                outer.module not in self._modules() or self._is_imported(outer) or self._is_mentioned(outer)
            )
        return self._known[outer]

    def _is_imported(self, outer: Scope) -> bool:
        symbols = self._project.symbols
        return any(
            part.name in (outer.name, "*")
            and symbols.imported_module(module, part.level, part.module) is outer.module
            for module in self._project.modules.values()
            if module.kind is not FileKind.TEST and module is not outer.module
            for part in module.imports
        )

    def _modules(self) -> set[Module]:
        """Those that anything but a test imports."""
        if self._imported is None:
            symbols = self._project.symbols
            self._imported = {
                found
                for module in self._project.modules.values()
                if module.kind is not FileKind.TEST
                for part in module.imports
                if (found := symbols.imported_module(module, part.level, part.module)) is not None
                and found is not module
            }
        return self._imported

    def _importers(self, wanted: Module) -> Iterator[Module]:
        """Those that import the module itself, and may say `module.name`."""
        symbols = self._project.symbols
        for module in self._project.modules.values():
            if module.kind is not FileKind.TEST and module is not wanted:
                for part in module.imports:
                    found = symbols.imported_module(module, part.level, part.module)
                    inner = symbols.submodule(found, part.name) if found is not None and part.name else None
                    if wanted is inner or (wanted is found and not part.name):
                        yield module
                        break

    def _is_mentioned(self, outer: Scope) -> bool:
        if any(outer.name in facts.walk(base) for scope in outer.module.scopes for base in scope.facts.bases):
            return True
        live = [outer.module, *self._importers(outer.module)]
        return any(
            _outermost(place) is not outer and outer.name in words_of(place.body)
            for place in mentioning(live, words(outer.name))
        )


def _outermost(scope: Scope) -> Scope:
    """The class or function of the module that it stands in."""
    while scope.parent is not None and scope.parent.kind != "module":
        scope = scope.parent
    return scope
