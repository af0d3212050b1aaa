"""What looks like a test and is collected by no run: where, and why."""

import posixpath
from collections.abc import Iterable
from pathlib import Path

from greenroom.project.calls.symbols import Symbols
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.testing import kinds
from greenroom.project.testing.assertions import Assertions, Level, is_referenced
from greenroom.project.testing.collection import Collector, Seen
from greenroom.project.testing.elsewhere import Elsewhere
from greenroom.project.testing.fixtures import requested
from greenroom.project.testing.items import Hidden, Item
from greenroom.project.testing.runs import Run, home_of, is_below
from greenroom.project.testing.scripts import is_script
from greenroom.project.testing.selection import matches_name, why_not_file
from greenroom.project.testing.twins import is_copy, later_twin

_ABSTRACT_NAMES = (
    "base",
    "mixin",
    "abstract",
    "template",
    "generic",
    "common",
    "suite",
    "contract",
    "interface",
)
_DOCUMENTATION = ("docs/", "doc/", "documentation/")
_MAKES = ("regen", "generate", "make_", "update_", "refresh")
"""By name, a file that makes the data of tests by hand."""
_ROUTES = ("route", "get", "post", "put", "delete", "websocket")
_OUTSIDE = "it lies outside of "
_MOST_ROOTS = 4


class Lookalikes:
    """Finds them, after the runs were asked."""

    def __init__(
        self,
        collector: Collector,
        assertions: Assertions,
        symbols: Symbols,
        root: Path,
        elsewhere: Elsewhere,
    ) -> None:
        self.collector = collector
        self.root = root
        self.elsewhere = elsewhere
        self.items = collector.items
        self.origins = collector.items.origins
        self.assertions = assertions
        self.symbols = symbols
        self._bases: set[Scope] | None = None

    def find(self, modules: Iterable[Module], seen: Seen) -> list[Item]:
        """One item for each hidden test function."""
        found: list[Item] = []
        clashes = self._clashes(seen)
        for module in modules:
            for function in module.scopes:
                if function.kind != "function" or function in seen.functions:
                    continue
                hidden = self._judge(function, module, seen)
                if hidden is not None:
                    found.append(self._item(function, hidden))
        for item in seen.items:
            clash = clashes.get(item.module.path)
            if clash and item.hidden is None and item.function.module is item.module:
                item.hidden = clash
        return found

    def _item(self, function: Scope, hidden: Hidden) -> Item:
        owner = function.owner
        names = function.qualname.replace(".", "::")
        root = kinds.unittest_root(self.origins, owner) if owner else ""
        return Item(
            id=f"{function.path}::{names}", module=function.module, function=function, owner=owner,
            unittest=root, hidden=hidden,
        )  # fmt: skip

    def _judge(self, function: Scope, module: Module, seen: Seen) -> Hidden | None:
        if not self._is_test_like(function):
            return None
        if function.decorators and self.items.fixtures.of(function) is not None:
            return None
        parent = function.parent
        if parent is None or parent.kind in ("function", "lambda"):
            return self._nested(function)
        if self._would_count(function, module, seen):
            return self._redefined(function)
        if module.error is not None:
            line, message = module.error
            return Hidden(
                reason=f"the file does not parse: {message}", kind="broken", path=module.path, line=line
            )
        if self.assertions.with_inner(function).level is not Level.CHECKS:
            return None
        if module.path not in seen.files:
            return self._file(module, function, seen)
        if parent.kind == "class":
            return self._class(function, parent, seen)
        return self._function(function)

    def _is_test_like(self, function: Scope) -> bool:
        name = function.name
        return name.startswith("test") or (name.endswith("_test") and not name.startswith("_"))

    def _redefined(self, function: Scope) -> Hidden | None:
        """None for one of several, under a condition or with a decorator that keeps them all, a copy, and a beginning."""
        twin = later_twin(function)
        if twin is None or is_copy(self.root, function, twin) or self._is_begun_again(function, twin):
            return None
        checks = self.assertions.with_inner(function).level is Level.CHECKS
        reason = f"{twin.name} is defined again on line {twin.line}"
        return Hidden(reason=reason, kind="duplicate", other=twin, certain=checks)

    def _is_begun_again(self, function: Scope, twin: Scope) -> bool:
        """Whether it checks nothing, and the later one, which does, begins with all of its calls: nothing is lost."""
        calls, others = function.body.calls, twin.body.calls
        return (
            len(calls) <= len(others)
            and all(
                (call.callee, call.arguments, call.keywords)
                == (other.callee, other.arguments, other.keywords)
                for call, other in zip(calls, others, strict=False)
            )
            and self.assertions.with_inner(function).level is not Level.CHECKS
            and self.assertions.with_inner(twin).level is Level.CHECKS
        )

    def _would_count(self, function: Scope, module: Module, seen: Seen) -> bool:
        """Whether the later definition is collected, so that this one would have been."""
        parent = function.parent
        return module.path in seen.files and any(
            other in seen.functions
            for other in (parent.children if parent else ())
            if other.name == function.name
        )

    def _nested(self, function: Scope) -> Hidden | None:
        """An inner function that nobody calls, hands on or returns."""
        parent = function.parent
        if parent is None or function.decorators or parent.kind != "function":
            return None
        if not parent.name.startswith("test") or is_referenced(function.name, parent):
            return None
        if self.assertions.of(function).level is not Level.CHECKS or self._wants_an_argument(function):
            return None
        return Hidden(reason=f"it is nested in {parent.name} and nobody calls it", kind="nested")

    def _wants_an_argument(self, function: Scope) -> bool:
        """Whether it takes something that pytest could not give, or whatever comes: then it is there to be called."""
        return any(
            part.kind in ("args", "kwargs")
            or (
                part.default is None
                and part.name not in ("self", "cls")
                and not self._is_fixture(part.name, function)
            )
            for part in function.parameters
        )

    def _mixed_in(self, seen: Seen) -> set[Scope]:
        """The classes from which a collected class inherits, or one that has a base which cannot be read."""
        if self._bases is None:
            owners = dict.fromkeys(item.owner for item in seen.items if item.owner is not None)
            mixing = (
                scope
                for module in self.symbols.modules()
                for scope in (module.scopes if module.kind is FileKind.TEST else ())
                if scope.kind == "class" and self.origins.lineage(scope)[1]
            )
            self._bases = {
                base for scope in (*owners, *mixing) for base in self.origins.lineage(scope)[0][1:]
            }
        return self._bases

    def _class(self, function: Scope, owner: Scope, seen: Seen) -> Hidden | None:
        if owner.parent is None or owner.parent.kind not in ("module", "class") or not function.parameters:
            return None
        if function.parameters[0].name not in ("self", "cls") or function.name.endswith("_test"):
            return None
        lowered = owner.name.lower().lstrip("_")
        if owner in self._mixed_in(seen):
            return None  # its tests are collected through the classes that inherit it
        if kinds.is_switched_off(self.origins, owner):
            return Hidden(reason="__test__ is False", kind="switched-off", certain=False)
        hidden = self._class_redefined(function, owner)
        is_foreign = kinds.unittest_root(self.origins, owner) or kinds.has_foreign_base(self.origins, owner)
        if hidden is not None or is_foreign:
            return hidden
        abstract = owner.name.startswith("_") or any(word in lowered for word in _ABSTRACT_NAMES)
        if abstract or (owner.children and self._is_double(owner)):
            return None
        maker = kinds.constructor(self.origins, owner)
        if maker is not None and owner.name.startswith("Test"):
            return Hidden(
                reason=f"{owner.name} has {maker.name}, so pytest leaves out the class",
                kind="constructor", other=maker,
            )  # fmt: skip
        patterns = self._patterns(function.module)
        if maker is not None or "test" not in lowered or matches_name(owner.name, patterns):
            return None  # where it matches, what keeps it out is not known
        if is_referenced(owner.name, owner.module.top):
            return None  # `type(name, (PageTests, TestCase), {})` makes test cases of it
        return Hidden(reason=f"the class name does not match {' '.join(patterns)}", kind="class-name")

    def _class_redefined(self, function: Scope, owner: Scope) -> Hidden | None:
        """A class that would be collected, had a later one not taken its name."""
        taken = matches_name(owner.name, self._patterns(function.module))
        if not taken or owner.decorators or is_referenced(owner.name, owner.module.top):
            return None
        twin = later_twin(owner)
        if twin is None or is_copy(self.root, owner, twin) or _is_inherited(owner):
            return None
        reason = f"the class {twin.name} is defined again on line {twin.line}"
        return Hidden(reason=reason, kind="class-twin", other=twin)

    def _is_double(self, owner: Scope) -> bool:
        lowered = owner.name.lower()
        return any(
            word in lowered for word in ("mock", "fake", "stub", "dummy", "helper", "runner", "client")
        )

    def _patterns(self, module: Module) -> tuple[str, ...]:
        for run in self.collector.runs:
            if run.runner == "pytest" and (
                run.directory == "." or module.path.startswith(f"{run.directory}/")
            ):
                return run.options.python_classes
        return ("Test",)

    def _function(self, function: Scope) -> Hidden | None:
        """A module-level function whose name no pattern takes."""
        if function.decorators or not self._is_alone(function) or is_script(function.module):
            return None
        if not all(self._is_fixture(name, function) for name in requested(function)):
            return None
        takers = [run for run in self.collector.runs if not why_not_file(run, function.path)]
        if all(run.runner != "pytest" for run in takers):
            return Hidden(
                reason="the runner collects classes of unittest only", kind="function-name", certain=False
            )
        return Hidden(
            reason="its name matches no pattern of python_functions", kind="function-name", certain=False
        )

    def _is_fixture(self, name: str, function: Scope) -> bool:
        return self.items.fixtures.find(name, function.module, None) is not None

    def _is_alone(self, function: Scope) -> bool:
        """Nobody in its module mentions it, and nobody imports the module's names."""
        return not is_referenced(function.name, function.module.top) and not self.elsewhere.is_imported(
            function.module
        )

    def _file(self, module: Module, function: Scope, seen: Seen) -> Hidden | None:
        """A whole file that no run looks at."""
        parent = function.parent
        if parent is not None and parent.kind == "class":
            root = kinds.unittest_root(self.origins, parent)
            if not root and not parent.name.startswith("Test"):
                return None
        if self.elsewhere.is_used(module) or _is_route(function):
            return None
        run, why = self._nearest(module, seen.refused.get(module.path, []))
        name = posixpath.basename(module.path)
        kind = "file-name" if "its name" in why else "outside"
        certain = (
            module.kind is FileKind.TEST and run is not None and not run.open_ended and not is_script(module)
        )
        if kind == "outside" and run is not None and run.source == "assumed" and not run.options.path:
            certain = False
        if kind == "outside" and (_is_by_default(run, module) or self.elsewhere.is_named(module)):
            certain = False
        if self._is_of_another_project(module):
            certain = False
        if name.startswith(("_", *_MAKES)) or module.path.startswith(_DOCUMENTATION):
            certain = False  # laid aside on purpose, or a sample for readers
        if kind == "file-name" and not (name.startswith("test") or "test" in name):
            certain = certain and "tests" in module.path.split("/")
        return Hidden(
            reason=why, kind=kind, certain=certain,
            path=run.options.path or run.path if run else "", line=_line_of(run, why),
        )  # fmt: skip

    def _is_of_another_project(self, module: Module) -> bool:
        """A project of its own in the repository, of which no command is known: it may be tested elsewhere."""
        home = home_of(self.root, module.path)
        return bool(home) and not any(
            run.source != "assumed" and home_of(self.root, f"{root}/x") == home
            for run in self.collector.runs
            for root in run.roots
        )

    def _nearest(self, module: Module, refused: list[tuple[Run, str]]) -> tuple[Run | None, str]:
        """The run that comes closest, with its reason."""
        if not refused:
            return None, "no command looks at this file"
        if all(why.startswith(_OUTSIDE) for _, why in refused):
            run = max((run for run, _ in refused), key=lambda run: len(_shared(run, module.path)))
            roots = list(dict.fromkeys(root for other, _ in refused for root in other.roots))
            roots.sort(key=lambda root: root.endswith(".py"))
            more = f" and {len(roots) - _MOST_ROOTS} more" if len(roots) > _MOST_ROOTS else ""
            return run, f"{_OUTSIDE}{', '.join(roots[:_MOST_ROOTS])}{more}"
        return max(
            refused,
            key=lambda entry: (not entry[1].startswith(_OUTSIDE), len(_shared(entry[0], module.path))),
        )

    def _clashes(self, seen: Seen) -> dict[str, Hidden]:
        """Files which every run that looks at them imports under the name of another one: an error."""
        found: dict[str, Hidden] = {}
        unharmed: set[str] = set()
        for run in self.collector.runs:
            safe = run.runner != "pytest" or "importlib" in " ".join((*run.options.addopts, run.text))
            first: dict[str, str] = {}
            for path in sorted(seen.files):
                if why_not_file(run, path):
                    continue
                name = self._import_name(path)
                other = path if safe or run.source == "assumed" else first.setdefault(name, path)
                if other == path:
                    unharmed.add(path)
                else:
                    reason = f"pytest imports {other} under the same name {name!r} and stops"
                    found[path] = Hidden(reason=reason, kind="basename", certain=False, path=other, line=1)
        return {path: hidden for path, hidden in found.items() if path not in unharmed}

    def _import_name(self, path: str) -> str:
        """As `prepend` makes it: below the first folder upward without an `__init__.py`."""
        folder, parts = posixpath.dirname(path), [posixpath.basename(path).removesuffix(".py")]
        modules = self.origins.modules
        while folder and posixpath.join(folder, "__init__.py") in modules:
            parts.insert(0, posixpath.basename(folder))
            folder = posixpath.dirname(folder)
        return ".".join(parts)


def _is_inherited(owner: Scope) -> bool:
    """Whether a class beside it names it as a base: `class TestShop(TestShop)` keeps its tests."""
    beside = owner.parent.children if owner.parent is not None else ()
    return any(owner.name in child.facts.bases for child in beside if child.kind == "class")


def _is_route(function: Scope) -> bool:
    """`@app.route(…)` above it."""
    calls = function.parent.body.calls if function.parent is not None else ()
    named = [calls[part].callee if isinstance(part, int) else part for part in function.decorators]
    return any(isinstance(name, str) and "." in name and name.rpartition(".")[2] in _ROUTES for name in named)


def _shared(run: Run, path: str) -> str:
    return run.directory if run.directory != "." and path.startswith(f"{run.directory}/") else ""


def _line_of(run: Run | None, why: str) -> int:
    if run is None:
        return 0
    option = (
        "norecursedirs"
        if why.startswith("norecursedirs")
        else "python_files"
        if "its name" in why
        else "testpaths"
    )
    return run.options.lines.get(option, 1) if run.options.path else run.line


def _is_by_default(run: Run | None, module: Module) -> bool:
    """Whether plain `pytest` collects the file: no `testpaths` leaves it out, and who names folders may name more."""
    if run is None or not run.targets:
        return False
    home = run.options.rootdir
    paths = [part if home == "." else f"{home}/{part}" for part in run.options.testpaths]
    return not paths or any(is_below(module.path, path) for path in paths)
