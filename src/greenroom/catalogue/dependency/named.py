"""Does anything but a test name the function or class that a client stands in?"""

import re
from collections.abc import Iterator
from functools import cached_property

from greenroom.catalogue.resource.remembered import words_of
from greenroom.detect.ascent import weakest
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Reach
from greenroom.project.calls.imported import imported_by
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_OPEN = frozenset({"ABC", "Protocol", "Generic", "object"})
"""Base classes that call nothing of their subclasses."""
_LOOKS = words("issubclass", "__subclasses__", "getmembers")
_DEEPEST = 5
_MAIN = words("__main__")
_LOADED_BY_FOLDER = re.compile(
    r"(?:^|/)(?:management/commands|plugins?|extensions?|handlers|tasks|jobs|migrations|functions|lambdas?)/"
)


class Named:
    """Answers for one project; what was asked once is remembered."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[Scope, bool] = {}
        self._written: dict[Module, bool] = {}
        self._imported: set[Module] | None = None
        self._live = [module for module in project.modules.values() if module.kind is not FileKind.TEST]

    def is_named(self, scope: Scope) -> bool:
        """Whether anybody may come to this code: what names it must itself be named, and so on.

        A file that nobody imports may be the door of a library, or hold a plug-in, which derives from a class of
        another file; where others import the file and never this name, nobody comes to it. Neither does anybody
        to a method whose name is written nowhere else, unless its callers are other projects: those of a library
        without an application.
        """
        return self._is_named(scope, frozenset())

    def is_only_tested(self, module: Module) -> bool:
        """Whether tests import the file, nobody else does or names it, and it is no program: what it holds runs in tests alone."""
        return (
            module in self._tested
            and module not in self._used
            and not module.places(_MAIN)
            and not _LOADED_BY_FOLDER.search(module.path)
            and not self._is_written(module)
        )

    @cached_property
    def _tested(self) -> set[Module]:
        tests = [module for module in self._project.modules.values() if module.kind is FileKind.TEST]
        return imported_by(tests, self._project.symbols)

    @cached_property
    def _used(self) -> set[Module]:
        return imported_by(self._live, self._project.symbols)

    def _is_written(self, module: Module) -> bool:
        """Whether another file says the name of the file, and that of its folder: `import_module(f"repos.{name}")`."""
        if module not in self._written:
            folder, _, name = module.path.removesuffix(".py").rpartition("/")
            parts = (name, folder.rpartition("/")[2])
            said = [re.compile(rf"(?<!\w){re.escape(part)}(?!\w)") for part in parts]
            spelled = [part.encode() for part in parts]
            # The text is read where the code of the file has both, as parts of something.
            likely = (part for part in self._live if all(word in part.packed_bodies for word in spelled))
            texts = (self._project.inventory.read_text(part.path) for part in likely if part is not module)
            self._written[module] = any(all(pattern.search(text) for pattern in said) for text in texts)
        return self._written[module]

    def _is_named(self, scope: Scope, seen: frozenset[Scope]) -> bool:
        outer, method = _outermost(scope), _method(scope)
        return self._remembered(outer, seen) and (method is None or self._remembered(method, seen))

    def _remembered(self, scope: Scope, seen: frozenset[Scope]) -> bool:
        if scope.kind == "module" or scope.decorators or scope.name.startswith("__"):
            return True
        if scope in seen:
            return False  # it names itself, by a detour
        if scope not in self._known:
            found = len(seen) > _DEEPEST or self._asked(scope, seen | {scope})
            if seen and not found:
                return False  # the detour may be the reason
            self._known[scope] = found
        return self._known[scope]

    def _asked(self, scope: Scope, seen: frozenset[Scope]) -> bool:
        if scope.is_function and self._is_reached(scope):
            return True
        if scope.owner is not None:
            return (
                not (self._project.routes or scope.module in self._modules())
                or self._is_called_from_outside(scope.owner)
                or self._is_spelled(scope, self._live, seen)
            )
        if len(self._bases(scope)) > 1 and self._looks_for_classes:
            return True
        if scope.module not in self._modules():
            return (
                not self._project.routes
                or self._is_called_from_outside(scope)
                or any(base.module is not scope.module for base in self._bases(scope))
                or self._is_spelled(scope, self._live, seen)
            )
        return (
            self._is_imported(scope)
            or self._is_base(scope)
            or self._is_spelled(scope, [scope.module, *self._importers(scope.module)], seen)
        )

    def _is_reached(self, scope: Scope) -> bool:
        entries = self._project.entries
        return entries.reach(scope) is not Reach.UNREACHED and weakest(entries.path(scope)) >= PROBABLE

    def _is_called_from_outside(self, cls: Scope) -> bool:
        """A class of a library calls the methods of its subclasses by their names."""
        line, libraries = self._bases(cls), self._project.inference.classes.line(cls)[1]
        known = {*_OPEN, *(part.name for part in line)}
        bases = [facts.spell(base, ()) for part in line for base in part.facts.bases]
        return any(base.rsplit(".", 1)[-1] not in known for base in (*libraries, *bases))

    def _is_in(self, place: Scope, wanted: Scope) -> bool:
        """Within it, or within a method that overrides it."""
        scope: Scope | None = place
        while scope is not None and scope is not wanted:
            if (
                scope.name == wanted.name
                and scope.owner is not None
                and wanted.owner in self._bases(scope.owner)
            ):
                return True
            scope = scope.parent
        return scope is wanted

    @cached_property
    def _looks_for_classes(self) -> bool:
        """Whether some line takes whatever classes a module has that derive from one."""
        return any(True for _ in mentioning(self._live, _LOOKS))

    def _bases(self, scope: Scope) -> list[Scope]:
        """The classes of the project that it is, and is made of."""
        return self._project.inference.classes.line(scope)[0] if scope.kind == "class" else []

    def _is_imported(self, outer: Scope) -> bool:
        return self._is_taken(outer.module, outer.name, 0)

    def _is_taken(self, home: Module, name: str, depth: int) -> bool:
        """Whether a file imports the name from this one, other than a door of its package that nobody takes it from in turn."""
        symbols = self._project.symbols
        return any(
            part.name in (name, "*")
            and symbols.imported_module(module, part.level, part.module) is home
            and (
                depth == _DEEPEST
                or not self._is_mere_door(module, home)
                or self._is_taken(module, part.alias, depth + 1)
            )
            for module in self._live
            if module is not home
            for part in module.imports
        )

    def _is_mere_door(self, module: Module, home: Module) -> bool:
        """The `__init__.py` of a package around the file, in a project that has routes: others hardly take what it offers."""
        folder = module.path.removesuffix("__init__.py")
        return bool(self._project.routes) and folder != module.path and home.path.startswith(folder)

    def _modules(self) -> set[Module]:
        """Those that anything but a test imports."""
        if self._imported is None:
            symbols = self._project.symbols
            self._imported = {
                found
                for module in self._live
                for part in module.imports
                if (found := symbols.imported_module(module, part.level, part.module)) is not None
                and found is not module
            }
        return self._imported

    def _importers(self, wanted: Module) -> Iterator[Module]:
        """Those that import the module itself, and may say `module.name`."""
        symbols = self._project.symbols
        for module in self._live:
            for part in module.imports:
                found = symbols.imported_module(module, part.level, part.module)
                inner = symbols.submodule(found, part.name) if found is not None and part.name else None
                if wanted is inner or (wanted is found and not part.name):
                    yield module
                    break

    def _is_base(self, outer: Scope) -> bool:
        return any(
            outer.name in facts.walk(base) for scope in outer.module.scopes for base in scope.facts.bases
        )

    def _is_spelled(self, wanted: Scope, where: list[Module], seen: frozenset[Scope]) -> bool:
        """Whether a body that is itself named says the name; what overrides it says it to its base."""
        return any(
            wanted.name in words_of(place.body) and self._is_named(place, seen)
            for place in mentioning(where, words(wanted.name))
            if not self._is_in(place, wanted)
        )


def _outermost(scope: Scope) -> Scope:
    """The class or function of the module that it stands in."""
    while scope.parent is not None and scope.parent.kind != "module":
        scope = scope.parent
    return scope


def _method(scope: Scope) -> Scope | None:
    """The method that it is, or stands in."""
    found = None
    while scope.parent is not None:
        if scope.is_function and scope.owner is not None:
            found = scope
        scope = scope.parent
    return found
