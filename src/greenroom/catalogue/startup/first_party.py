"""Modules and names of the project itself that are imported and do not exist."""

import posixpath
import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from greenroom.catalogue.startup.built_later import BuiltLater
from greenroom.catalogue.startup.distributions import is_declared, is_provided, is_standard, with_company
from greenroom.catalogue.startup.names_at_run_time import (
    MACHINERY,
    is_handed_on,
    is_machinery,
    is_made_for,
    sets_names,
)
from greenroom.detect.search import mentioning, mentions, words
from greenroom.project.calls.symbols import Definition, Symbols, endings
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, Import, Statement
from greenroom.project.code.mentions import expressions
from greenroom.project.code.module import Module
from greenroom.project.files.ignore import Globs
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_ALWAYS_THERE = {
    "__name__", "__file__", "__doc__", "__package__", "__spec__", "__loader__", "__path__", "__dict__",
    "__builtins__", "__all__", "__annotations__", "__cached__",
}  # fmt: skip
_DYNAMIC_CALLS = {"globals", "exec", "vars", "locals", "lazy_loader.attach", "lazy.attach", "attach_stub"}
_SETTINGS_LIBRARY = "configurations"
_TABLE = words("sys.modules")
_MADE_AT_RUN_TIME = words(*_DYNAMIC_CALLS, *MACHINERY, "sys.modules")


class Missing(NamedTuple):
    """What an import asks for and does not get."""

    module: str
    """Dotted name of the module that does not exist, or that lacks the name."""
    name: str
    """Empty where the whole module is missing."""
    certain: bool
    """False where a build, git or a program may provide it."""


class FirstParty:
    """Answers whether an import of the project's own code resolves."""

    def __init__(self, project: Project) -> None:
        self._symbols: Symbols = project.symbols
        self._inventory = project.inventory
        live = [module for module in project.modules.values() if module.kind is not FileKind.ARCHIVED]
        self._modules = {module.path: module for module in live}
        self._files = set(self._modules)
        self._folders = set(_folders(self._files))
        self._roots = ["" if root == "." else root for root in project.inventory.source_roots]
        self._installed = frozenset(_installed(live))
        locked = {name for source in project.manifest.sources for name in source.locked}
        self._distributions = with_company(project.manifest.declared | locked)
        self._libraries: dict[str, bool] = {}
        self._entered: dict[str, bool] = {}
        self._owned: dict[tuple[str, str], bool] = {}
        self._ignored: dict[str, tuple[tuple[str, Globs], ...]] = {}
        self._dynamic: dict[Module, bool] = {}
        self._foreign: dict[Module, bool] = {}
        self._built = BuiltLater(str(project.root), project.inventory)

    def owns(self, head: str, importer: Module) -> bool:
        """Whether the name is the project's: on the import path, or beside the file that is run.

        A folder without `__init__.py`, a single file, and the tests, give way to a library of the same name; every
        module gives way to the standard library's.
        """
        key = (head, importer.folder)
        if key not in self._owned:
            self._owned[key] = head not in sys.stdlib_module_names and self._is_ours(head, importer.folder)
        return self._owned[key]

    def _is_ours(self, head: str, folder: str) -> bool:
        # Nobody imports a file from itself: `import stripe` in `modules/stripe.py` means the library, also next to it.
        sibling = self._modules.get(f"{folder}/{head}.py")
        wraps = sibling is not None and any(
            not part.level and part.module.partition(".")[0] == head for part in sibling.imports
        )
        beside = () if wraps or f"{folder}/__init__.py".lstrip("/") in self._files else (folder,)
        places = [_join(root, head) for root in (*self._roots, *beside)]
        packages = {
            place: self._modules[path] for place in places if (path := f"{place}/__init__.py") in self._files
        }
        if any(
            package.kind is not FileKind.TEST and not self._is_inside(place)
            for place, package in packages.items()
        ):
            return True
        there = (
            bool(packages)
            or any(f"{place}.py" in self._files for place in places)
            or (any(place in self._folders for place in places) and self._is_entered(head))
        )
        return there and not self._is_library(head)

    def _is_inside(self, place: str) -> bool:
        """Whether a folder around it is a package, too, or gone through by imports, or below another root: `shop/extras/graphql`."""
        around, head = posixpath.split(place)
        below = bool(around) and any(root and around.startswith(f"{root}/") for root in self._roots)
        through = posixpath.basename(around)
        below = below or any(
            f"{part.module}.{part.name}.".startswith(f"{through}.{head}.")
            for _, part in self._imports_by_head.get(through, ())
        )
        while around and not below:
            below = f"{around}/__init__.py" in self._files
            around = posixpath.dirname(around)
        return below

    def _is_entered(self, head: str) -> bool:
        """Whether some import goes through a folder without `__init__.py`: it may only be called like a library."""
        if head not in self._entered:
            self._entered[head] = any(
                self._symbols.module(dotted, module) is not None
                for module, part in self._imports_by_head.get(head, ())
                for dotted in (part.module, f"{part.module}.{part.name}")
            )
        return self._entered[head]

    @cached_property
    def _imports_by_head(self) -> dict[str, list[tuple[Module, Import]]]:
        """The absolute imports of the whole project, by the first part of what they name."""
        found: dict[str, list[tuple[Module, Import]]] = {}
        for module in self._modules.values():
            for part in module.imports:
                if not part.level:
                    found.setdefault(part.module.partition(".")[0], []).append((module, part))
        return found

    def _is_library(self, head: str) -> bool:
        if head not in self._libraries:
            self._libraries[head] = is_declared(head, self._distributions)
        return self._libraries[head]

    def is_made_for_another_program(self, module: Module) -> bool:
        """Whether it imports what is neither here, nor in a library, nor in a manifest: a plug-in, copied elsewhere."""
        if module not in self._foreign:
            self._foreign[module] = bool(self._distributions) and any(
                not part.level and not part.guard and part.scope == 0 and self._is_unheard_of(part, module)
                for part in module.imports
            )
        return self._foreign[module]

    def _is_unheard_of(self, part: Import, importer: Module) -> bool:
        head = part.module.partition(".")[0]
        if is_standard(head) or self.owns(head, importer) or self.is_installed_by_code(head):
            return False
        return not self.knows(part.module, importer) and not is_provided(head, self._distributions)

    def knows(self, head: str, importer: Module) -> bool:
        """Whether something of that name lies anywhere in the project."""
        return self._symbols.module(head, importer) is not None or self._symbols.is_namespace(head)

    def is_installed_by_code(self, dotted: str) -> bool:
        """Whether some line puts the module into `sys.modules`."""
        at = len(dotted)
        while at >= 0:
            if dotted[:at] in self._installed:
                return True
            at = dotted.rfind(".", 0, at)
        return False

    def check(self, importer: Module, part: Import) -> Missing | None:
        """What an import of the project's own code lacks, or None."""
        target = self._symbols.imported_module(importer, part.level, part.module)
        if target is not None:
            return self._lacks(importer, part, target)
        if part.level:
            return self._lacks_relative(importer, part)
        return self._lacks_absolute(importer, part)

    # whole modules

    def _lacks_absolute(self, importer: Module, part: Import) -> Missing | None:
        parts = part.module.split(".")
        names = [*parts, part.name] if part.name and part.name != "*" else parts
        for count in range(2, len(names) + 1):
            dotted = ".".join(names[:count])
            if self._symbols.module(dotted, importer) is not None or self._symbols.is_namespace(dotted):
                continue
            outer = self._symbols.module(".".join(names[: count - 1]), importer)
            folders = self._places(names[: count - 1], outer)
            missing = self._missing(dotted, [_join(folder, names[count - 1]) for folder in folders], outer)
            if missing is not None and self.is_elsewhere(
                ".".join(names[: count - 1]), names[count - 1], outer
            ):
                return missing._replace(certain=False)
            return missing
        return None

    def _places(self, parts: list[str], outer: Module | None) -> list[str]:
        """The folders in which a part of this package would be looked for."""
        if outer is not None:
            return [outer.folder]
        return self._by_ending.get("/".join(parts), [])

    @cached_property
    def _by_ending(self) -> dict[str, list[str]]:
        """The folders of which the paths end so."""
        found: dict[str, list[str]] = {}
        for folder in self._folders:
            for ending in endings(folder):
                found.setdefault(ending, []).append(folder)
        return found

    def _lacks_relative(self, importer: Module, part: Import) -> Missing | None:
        dotted = self._symbols.relative_name(importer, part.level, part.module)
        path = dotted.replace(".", "/")
        if part.level > importer.path.count("/") + 1 or "." in posixpath.dirname(importer.path):
            return None  # out of the project; a folder whose name is no name in Python
        if self._is_module(path):
            if part.name in (None, "*") or f"{path}/__init__.py" in self._files:
                return None
            dotted, path = f"{dotted}.{part.name}", _join(path, str(part.name))
            if self._is_module(path):
                return None
        return self._missing(dotted, [path], self._package_around(path))

    def _is_put_elsewhere(self, path: str) -> bool:
        """Whether the folder is no package, and a package of its name has the module: an image lays one over the other."""
        folder, last = posixpath.split(path)
        twin = f"{posixpath.basename(folder)}.{last}"
        return f"{folder}/__init__.py" not in self._files and bool(self._symbols.namesakes(twin))

    def _package_around(self, path: str) -> Module | None:
        """The innermost package that exists on the way to a module that does not."""
        while path:
            path = posixpath.dirname(path)
            found = self._modules.get(f"{path}/__init__.py")
            if found is not None:
                return found
        return None

    def _missing(self, dotted: str, paths: list[str], outer: Module | None) -> Missing | None:
        if self.is_installed_by_code(dotted) or any(self._built.lies_in(path) for path in paths):
            return None
        if outer is not None and self._is_dynamic(outer):
            return None
        elsewhere = (
            self._built.makes(dotted)
            or bool(self._symbols.namesakes(dotted))
            or any(self._is_ignored(path) or self._is_put_elsewhere(path) for path in paths)
        )
        return Missing(dotted, "", certain=not elsewhere)

    def _is_module(self, path: str) -> bool:
        return f"{path}.py" in self._files or path in self._folders

    def _is_ignored(self, path: str) -> bool:
        """Whether git is told to overlook the file, or it belongs to a submodule that is not there."""
        if f"{path}/".startswith(self._submodules):
            return True
        for folder, globs in self._rules(path.rpartition("/")[0]):
            inner = path[len(folder) :].lstrip("/")
            if any(globs.match(name) for name in (f"{inner}.py", f"{inner}/", f"{inner}/__init__.py")):
                return True
        return False

    @cached_property
    def _submodules(self) -> tuple[str, ...]:
        """Their folders, each with a slash behind it."""
        lines = self._inventory.read_text(".gitmodules").splitlines()
        return tuple(
            f"{line.partition('=')[2].strip()}/" for line in lines if line.strip().startswith("path")
        )

    def _rules(self, folder: str) -> tuple[tuple[str, Globs], ...]:
        """What the .gitignore files of a folder and of those around it say, each with its folder."""
        if folder not in self._ignored:
            file = _join(folder, ".gitignore")
            lines = self._inventory.read_text(file).splitlines() if self._built.lists(file) else []
            own = ((folder, Globs(tuple(lines))),) if lines else ()
            self._ignored[folder] = own + (self._rules(folder.rpartition("/")[0]) if folder else ())
        return self._ignored[folder]

    # names in modules

    def _lacks(self, importer: Module, part: Import, target: Module) -> Missing | None:
        if part.name in (None, "*") or part.name in _ALWAYS_THERE:
            return None
        missing = self.lacks_name(target, self._symbols.follow(importer, part))
        if missing is not None and not part.level and self.is_elsewhere(part.module, str(part.name), target):
            return missing._replace(certain=False)
        return missing

    def is_elsewhere(self, dotted: str, name: str, target: Module | None) -> bool:
        """Whether a namesake of the module has the name: where several services have an `app` each."""
        return bool(self._symbols.namesakes(f"{dotted}.{name}")) or any(
            definition.kind != "missing"
            for module in self._symbols.namesakes(dotted)
            if module is not target
            for definition in self._symbols.define(module, name)
        )

    def lacks_name(self, target: Module, found: list[Definition]) -> Missing | None:
        """The name that a module does not have, followed to the module that was to give it."""
        if not found or any(definition.kind != "missing" for definition in found):
            return None
        module, name = found[0].module, found[0].symbol
        if module is None or self.is_installed_by_code(f"{module.name}.{name}"):
            return None  # without a module: a relative import further inside, which is told there
        path = _join(posixpath.dirname(module.path), name)
        if module.path.endswith("__init__.py") and self._built.lies_in(path):
            return None
        if self._is_dynamic(target) or self._is_dynamic(module) or self._is_from_library(target, name):
            return None
        return Missing(module.name, name, certain=not (self._is_ignored(path) or is_made_for(module, name)))

    def _is_from_library(self, target: Module, name: str) -> bool:
        """Whether the module has the name from elsewhere: `from github import Github`, and some folder has a `github.py`."""
        return any(
            not part.level and part.name == name and not self.owns(part.module.partition(".")[0], target)
            for part in target.imports
        )

    def _is_dynamic(self, module: Module, depth: int = 0) -> bool:
        """Whether its names are more than its code shows."""
        known = self._dynamic.get(module)
        if known is None:
            known = self._dynamic[module] = depth > 5 or self._is_made_at_run_time(module, depth)
        return known

    def _is_made_at_run_time(self, module: Module, depth: int) -> bool:
        if module.error is not None or module.kind is FileKind.GENERATED:
            return True
        if "__getattr__" in module.variables or any(
            child.name == "__getattr__" for child in module.top.children
        ):
            return True
        if any(part.module == _SETTINGS_LIBRARY for part in module.imports if not part.level):
            return True  # it puts what its class holds into the module
        for body in (scope.body for scope in mentioning([module], _MADE_AT_RUN_TIME)):
            for call in body.calls:
                if call.callee in _DYNAMIC_CALLS or "sys.modules" in (call.callee, *call.arguments):
                    return True
            if sets_names(body):
                return True
            if any(is_machinery(part) for whole in expressions(body) for part in facts.walk(whole)):
                return True
        if mentions(module.top, _TABLE) and any(_modules_set(part) for part in module.top.body.statements):
            return True
        return is_handed_on(self._symbols, module) or any(
            self._is_open_star(module, part, depth) for part in module.imports if part.name == "*"
        )

    def _is_open_star(self, module: Module, part: Import, depth: int) -> bool:
        target = self._symbols.imported_module(module, part.level, part.module)
        return target is None or self._is_dynamic(target, depth + 1)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _folders(files: Iterable[str]) -> Iterator[str]:
    for path in files:
        folder = posixpath.dirname(path)
        while folder:
            yield folder
            folder = posixpath.dirname(folder)


def _installed(modules: Iterable[Module]) -> Iterator[str]:
    """Texts near `sys.modules`: the names of modules that code puts there."""
    for scope in mentioning(modules, _TABLE):
        for call in scope.body.calls:
            values = (*call.arguments, *(value for _, value in call.keywords))
            if "sys.modules" in values or str(call.callee).startswith("sys.modules."):
                yield from (text for value in values for text in _texts(value))
        for statement in scope.body.statements:
            for target in _modules_set(statement):
                yield from _texts(target)


def _modules_set(statement: Statement) -> list[Expression]:
    """The targets of `sys.modules["name"] = …`."""
    if statement.kind != "assign":
        return []
    return [
        target for target in statement.target if isinstance(target, tuple) and "sys.modules" in target[1:2]
    ]


def _texts(expression: Expression) -> Iterator[str]:
    for part in facts.walk(expression):
        text = facts.constant(part)
        if isinstance(text, str):
            yield text
