"""Which module does a name come from? Import resolution inside the project."""

import posixpath
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from greenroom.project.calls.trail import Trail
from greenroom.project.code.facts import Import
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind

_DEEPEST_REEXPORT = 8
Imported = tuple[Import, Module | None, Module | None]
"""An import, the module that it names, and the one that the imported name is in there."""
_OWN = frozenset({"scope", "variable"})
"""What hides the file in whose name it stands."""
_SECOND_CHOICE = {FileKind.VENDORED, FileKind.GENERATED, FileKind.EXAMPLE, FileKind.SCRIPT, FileKind.TEST}


class Definition(NamedTuple):
    """What a name of the project stands for."""

    kind: str
    """module · scope (a class or function) · variable (bound by assignment in `module`) · library
    (`symbol` is a dotted name outside the project) · missing (the project has the module, not the name)"""
    module: Module | None
    scope: Scope | None
    symbol: str


class Symbols:
    """The project's modules under their dotted names."""

    def __init__(
        self, modules: dict[str, Module], source_roots: Iterable[str], known_libraries: Iterable[str]
    ) -> None:
        self.trail = Trail()
        self._modules = modules
        roots = {"" if root == "." else root for root in source_roots}
        self.roots = sorted(roots, key=lambda root: (-len(root), root))
        self.libraries = set(known_libraries) | set(sys.stdlib_module_names)
        self._packages = {posixpath.dirname(path) for path in modules if path.endswith("__init__.py")}
        self._folders: set[str] = set()
        self._folder_endings: set[str] = set()
        """`a/b/c`, `b/c` and `c` for each folder."""
        self._namespaces: dict[str, bool] = {}
        self._by_suffix: dict[str, list[Module]] = {}
        self._globals: dict[Module, dict[str, list[Import | Scope | None]]] = {}
        self._resolved: dict[tuple[str, str], Module | None] = {}
        self._relative: dict[tuple[str, int, str], Module | None] = {}
        self._imports: dict[Module, tuple[Imported, ...]] = {}
        self._importers: dict[Module, list[Module]] | None = None
        self._by_use: set[str] | None = None
        """Every dotted name of an import, and those above it."""
        self._defined: dict[tuple[Module, str], tuple[list[Definition], int]] = {}
        for number, module in enumerate(modules.values()):
            module.bit = 1 << number
            self._add(module)

    def _add(self, module: Module) -> None:
        module.name = self._dotted_name(module.path)
        if module.kind is FileKind.ARCHIVED:
            return
        folder = module.folder
        while folder and folder not in self._folders:
            self._folders.add(folder)
            self._folder_endings.update(endings(folder))
            folder = folder.rpartition("/")[0]
        parts = _module_path(module.path).split("/")
        for start in range(len(parts)):
            self._by_suffix.setdefault(".".join(parts[start:]), []).append(module)

    def _dotted_name(self, path: str) -> str:
        """The name under which the module is imported: below its source root, else its packages."""
        stem = _module_path(path)
        for root in self.roots:
            if root and stem.startswith(f"{root}/"):
                return stem[len(root) + 1 :].replace("/", ".")
        root = posixpath.dirname(path)
        while root and root in self._packages:
            root = posixpath.dirname(root)
        return (stem[len(root) + 1 :] if root else stem).replace("/", ".")

    # modules

    def module(self, dotted: str, importer: Module) -> Module | None:
        """The project's module of this absolute name, as this importer would get it."""
        key = (dotted, importer.folder)
        if key not in self._resolved:
            self._resolved[key] = self._find_module(dotted, importer)
        return self._resolved[key]

    def _find_module(self, dotted: str, importer: Module) -> Module | None:
        candidates = [
            module
            for module in self._by_suffix.get(dotted, ())
            if self._is_importable(module, dotted, importer)
        ]
        if not candidates:
            return None
        return max(candidates, key=lambda module: self._preference(module, importer))

    def _is_importable(self, module: Module, dotted: str, importer: Module) -> bool:
        """Whether the folder from which the name counts could be on the import path."""
        stem = _module_path(module.path)
        root = stem[: -len(dotted)].rstrip("/")
        if root in self.roots:
            return True
        if root in self._packages:  # inside a package: only a relative import gets there
            return root == importer.folder and importer.kind is FileKind.SCRIPT
        head = dotted.split(".", 1)[0]
        if head in self.libraries:
            beside = f"{root}/" == f"{importer.folder}/" and "." not in dotted
            return beside and head not in sys.stdlib_module_names and not self._is_package_by_use(root)
        # A folder of that name on the path, with or without `__init__.py`, comes before what lies elsewhere.
        near = f"{importer.folder}/".startswith(f"{root}/") and posixpath.basename(root) != head
        return near or not any(f"{known}/{head}".lstrip("/") in self._folders for known in self.roots)

    def _is_package_by_use(self, folder: str) -> bool:
        """Whether somebody imports through a folder without `__init__.py`: then it is on no import path itself."""
        if self._by_use is None:
            self._by_use = set()
            for importer in self._modules.values():
                for part in importer.imports:
                    name = self.relative_name(importer, part.level, "") if part.level else part.module
                    self._by_use.update(accumulate(name.split("."), "{}.{}".format) if name else ())
        return any(ending.replace("/", ".") in self._by_use for ending in endings(folder))

    def _preference(self, module: Module, importer: Module) -> tuple[int, int, int, int]:
        stem = _module_path(module.path)
        shared = len(posixpath.commonprefix([module.path.split("/"), importer.path.split("/")]))
        is_package = module.path.endswith("__init__.py")
        live = 0 if module.kind in _SECOND_CHOICE and module.kind is not importer.kind else 1
        return (live, shared, int(is_package), -len(stem))

    def namesakes(self, dotted: str) -> tuple[Module, ...]:
        """Every module whose path ends so, wherever the import path begins."""
        return tuple(self._by_suffix.get(dotted, ()))

    def is_namespace(self, dotted: str) -> bool:
        """Whether the name is a folder of the project without an `__init__.py`."""
        known = self._namespaces.get(dotted)
        if known is None:
            known = self._namespaces[dotted] = self._is_namespace(dotted)
        return known

    def _is_namespace(self, dotted: str) -> bool:
        suffix = dotted.replace(".", "/")
        if dotted.split(".", 1)[0] in self.libraries:
            return any(f"{root}/{suffix}".lstrip("/") in self._folders for root in self.roots)
        return suffix in self._folder_endings

    def relative_name(self, importer: Module, level: int, module: str) -> str:
        """The folder-based name that `from ..module import` means: a path with dots."""
        package = importer.folder
        for _ in range(level - 1):
            package = posixpath.dirname(package)
        base = package.replace("/", ".")
        return f"{base}.{module}".strip(".") if module else base

    def imported_module(self, importer: Module, level: int, dotted: str) -> Module | None:
        """The module named by an import statement."""
        if level == 0:
            return self.module(dotted, importer)
        key = (importer.folder, level, dotted)
        if key not in self._relative:
            path = self.relative_name(importer, level, dotted).replace(".", "/")
            self._relative[key] = self._modules.get(f"{path}/__init__.py") or self._modules.get(f"{path}.py")
        return self._relative[key]

    def submodule(self, package: Module, name: str) -> Module | None:
        """`package.name` as a file."""
        if not package.path.endswith("__init__.py"):
            return None
        folder = package.folder
        prefix = f"{folder}/" if folder else ""
        return self._modules.get(f"{prefix}{name}/__init__.py") or self._modules.get(f"{prefix}{name}.py")

    def imports(self, module: Module) -> tuple[Imported, ...]:
        """What a module imports, in source order, with the modules of the project that it gets thereby."""
        found = self._imports.get(module)
        if found is None:
            found = self._imports[module] = tuple([self._followed(module, part) for part in module.imports])
        return found

    def importers(self, module: Module) -> Sequence[Module]:
        """The other files that import it or a name of it, in the project's order."""
        if self._importers is None:
            self._importers = {}
            for importer in self._modules.values():
                targets = {
                    found for _, *both in self.imports(importer) for found in both if found is not None
                }
                for target in targets - {importer}:
                    self._importers.setdefault(target, []).append(importer)
        return self._importers.get(module, ())

    def _followed(self, module: Module, part: Import) -> Imported:
        target = self.imported_module(module, part.level, part.module)
        return part, target, self.submodule(target, part.name) if target is not None and part.name else None

    # names

    def globals(self, module: Module) -> dict[str, list[Import | Scope | None]]:
        """What is bound at the top of a module: imports, classes and functions; None for a variable."""
        found = self._globals.get(module)
        if found is None:
            found = {}
            for part in module.imports:
                if part.scope == 0 and part.alias:
                    found.setdefault(part.alias, []).append(part)
            for child in module.top.children:
                if child.kind != "lambda":
                    found.setdefault(child.name, []).append(child)
            for name in module.variables:
                found.setdefault(name, []).append(None)
            self._globals[module] = found
        return found

    def define(self, module: Module, name: str, depth: int = 0) -> list[Definition]:
        """What a global name of a module stands for; several where it is bound under conditions."""
        if depth:
            return self._define(module, name, depth)
        trail = self.trail
        entry = self._defined.get((module, name))
        if entry is None:
            before, trail.seen = trail.seen, 0
            entry = self._defined[module, name] = (self._define(module, name, 0), trail.noted())
            trail.seen |= before
        else:
            trail.seen |= entry[1]
        return entry[0]

    def _define(self, module: Module, name: str, depth: int) -> list[Definition]:
        self.trail.seen |= module.bit
        if depth > _DEEPEST_REEXPORT:
            return []
        found: list[Definition] = []
        for bound in self.globals(module).get(name, ()):
            if bound is None:
                found.append(Definition("variable", module, None, name))
            elif isinstance(bound, Scope):
                found.append(Definition("scope", module, bound, ""))
            else:
                found.extend(self.follow(module, bound, depth + 1))
        if found:
            return found
        inner = self.submodule(module, name)
        starred = self._through_stars(module, name, depth + 1, only=inner)
        if inner is None or any(definition.kind in _OWN for definition in starred):
            return starred
        return [Definition("module", inner, None, "")]

    def _through_stars(
        self, module: Module, name: str, depth: int, *, only: Module | None = None
    ) -> list[Definition]:
        """`from .orders import *` binds the file's own name first, and then what it exports under the same one."""
        if name.startswith("__"):
            return []
        for part in module.imports:
            if part.name != "*":
                continue
            target = self.imported_module(module, part.level, part.module)
            if target is None or only not in (None, target):
                continue
            self.trail.seen |= target.bit
            exported = target.exports
            if (exported is None and not name.startswith("_")) or (exported and name in exported):
                found = self.define(target, name, depth)
                # Behind `if TYPE_CHECKING:` a part imports the name from the package that collects it.
                if any(definition.kind != "missing" for definition in found):
                    return found
        return []

    def has_foreign_star(self, module: Module, depth: int = 0) -> bool:
        """Whether names may come from a star import that cannot be followed."""
        if depth > _DEEPEST_REEXPORT:
            return True
        for part in module.imports:
            if part.name == "*":
                target = self.imported_module(module, part.level, part.module)
                if target is None or self.has_foreign_star(target, depth + 1):
                    return True
        return False

    def follow(self, module: Module, part: Import, depth: int = 0) -> list[Definition]:
        """What an import binds."""
        target = self.imported_module(module, part.level, part.module)
        if part.name is None:
            if target is not None:
                return [Definition("module", target, None, "")]
            return [Definition("library", None, None, part.module)]
        if target is not None:
            if target is module:  # `from . import views` in the package's own `__init__`
                inner = self.submodule(target, part.name)
                if inner is not None:
                    return [Definition("module", inner, None, "")]
                if depth:
                    return []
            found = self.define(target, part.name, depth)
            return found or [Definition("missing", target, None, part.name)]
        return self._below_folder(module, part)

    def _below_folder(self, module: Module, part: Import) -> list[Definition]:
        """`from folder import module` where the folder is a namespace package, or a library's name."""
        dotted = f"{part.module}.{part.name}" if part.module else str(part.name)
        inner = self.imported_module(module, part.level, dotted)
        if inner is not None:
            return [Definition("module", inner, None, "")]
        if part.level:
            return [Definition("missing", None, None, "." * part.level + dotted)]
        return [Definition("library", None, None, dotted)]

    def dotted(self, module: Module, name: str) -> str:
        """The canonical dotted name of a global expression: `np.load` → `numpy.load`.

        A project definition is named `package.module:qualname`; empty where it cannot be told.
        """
        head, _, rest = name.partition(".")
        for definition in self.define(module, head):
            if definition.kind == "library":
                return f"{definition.symbol}.{rest}" if rest else definition.symbol
            if definition.kind == "module" and rest and definition.module is not None:
                return self.dotted(definition.module, rest) or f"{definition.module.name}:{rest}"
            if definition.kind == "scope" and definition.scope is not None:
                full = ".".join(part for part in (definition.scope.qualname, rest) if part)
                return f"{definition.scope.module.name}:{full}"
        return ""

    def modules(self) -> Iterator[Module]:
        """All of them, by path."""
        yield from self._modules.values()


def endings(path: str) -> Iterator[str]:
    """`a/b/c`, `b/c`, `c`."""
    while path:
        yield path
        path = path.partition("/")[2]


def _module_path(path: str) -> str:
    """`a/b/__init__.py` → `a/b`, `a/c.py` → `a/c`."""
    stem = path.removesuffix(".py")
    return stem.removesuffix("/__init__") if stem != "__init__" else stem
