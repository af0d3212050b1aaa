"""Test items: what a runner collects from a module, once the module is looked at at all."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from greenroom.project.code.facts import Import
from greenroom.project.code.module import Module, Scope
from greenroom.project.testing import kinds
from greenroom.project.testing.fixtures import Fixtures
from greenroom.project.testing.options import Options
from greenroom.project.testing.origins import Origins
from greenroom.project.testing.selection import matches_name


@dataclass(slots=True, kw_only=True, eq=False)
class Item:
    """A test function as one runner sees it, with its parametrisations as one."""

    id: str
    module: Module
    """Where it is collected; the function may be defined elsewhere."""
    function: Scope
    owner: Scope | None
    """The class through which it is collected."""
    unittest: str = ""
    """Canonical name of the unittest base; empty for a test of pytest's own style."""
    hidden: "Hidden | None" = None
    """Why no run collects it."""
    never_awaited: str = ""
    """Why an async body is never awaited; empty where it is, or where nobody knows."""
    always_skipped: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def collected(self) -> bool:
        return self.hidden is None

    @property
    def runs(self) -> bool:
        """Whether its body would execute."""
        return self.hidden is None and not self.never_awaited and not self.always_skipped


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hidden:
    """Why something that looks like a test is collected by no run."""

    reason: str
    kind: str
    """duplicate · class-twin · constructor · class-name · function-name · file-name · outside · marker · deselected ·
    nested · generator · broken · basename · switched-off"""
    certain: bool = True
    other: Scope | None = None
    """The definition that hides it, or the constructor."""
    path: str = ""
    """With `line`: the configuration that is responsible."""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """A module as one runner looks at it."""

    module: Module
    options: Options
    runner: str


class ItemReader:
    """Reads the items of one module under one configuration."""

    def __init__(self, origins: Origins, fixtures: Fixtures) -> None:
        self.origins = origins
        self.fixtures = fixtures

    def items(self, module: Module, options: Options, *, runner: str = "pytest") -> Iterator[Item]:
        """What is collected from this module."""
        for name, scope in self._members(module):
            if scope.kind == "class" and scope.facts.guard != "typing":
                view = _View(module=module, options=options, runner=runner)
                yield from self._of_class(view, name, scope, f"{module.path}::{name}::")
            elif runner == "pytest" and self.is_test_function(scope, options, name):
                yield Item(id=f"{module.path}::{name}", module=module, function=scope, owner=None)

    def _members(self, module: Module) -> Iterator[tuple[str, Scope]]:
        """Classes and functions that the module's namespace holds in the end, by name."""
        own: dict[str, Scope] = {}
        for child in module.top.children:
            if child.kind in ("class", "function"):
                own.pop(child.name, None)  # keeps the order of the last definition
                own[child.name] = child
        bound = self.origins.symbols.globals(module)
        for name, entries in bound.items():
            if name not in own and any(isinstance(entry, Import) for entry in entries):
                scope = self._imported(module, name)
                if scope is not None:
                    own[name] = scope
        yield from own.items()

    def _imported(self, module: Module, name: str) -> Scope | None:
        """An imported class or function of the project that a runner might collect here."""
        if not name[0].isupper() and not name.lower().startswith("test"):
            return None
        for definition in self.origins.symbols.define(module, name):
            if definition.kind == "scope" and definition.scope is not None:
                return definition.scope
        return None

    def is_test_function(self, scope: Scope, options: Options, name: str = "") -> bool:
        """Whether pytest takes this function of a module or class for a test."""
        if not matches_name(name or scope.name, options.python_functions) or scope.facts.guard == "typing":
            return False
        return not scope.decorators or self.fixtures.of(scope) is None

    def _of_class(self, view: "_View", name: str, owner: Scope, prefix: str) -> Iterator[Item]:
        root = kinds.unittest_root(self.origins, owner)
        if not root:
            if view.runner != "pytest" or not matches_name(name, view.options.python_classes):
                return
            if kinds.constructor(self.origins, owner) or self.is_dataclass(owner):
                return
        if kinds.is_switched_off(self.origins, owner):
            return
        for method_name, method in self.methods(owner, view.options, is_unittest=bool(root)):
            yield Item(
                id=f"{prefix}{method_name}", module=view.module, function=method, owner=owner, unittest=root
            )
        if not root:
            for child in owner.children:
                if child.kind == "class":
                    yield from self._of_class(view, child.name, child, f"{prefix}{child.name}::")

    def is_dataclass(self, owner: Scope) -> bool:
        """A generated constructor counts as one."""
        scope = owner.parent or owner
        for decorator in owner.decorators:
            if self.origins.of(scope, decorator).removesuffix("()") in ("dataclasses.dataclass", "attr.s"):
                return True
        return False

    def methods(self, owner: Scope, options: Options, *, is_unittest: bool) -> Iterator[tuple[str, Scope]]:
        """Test methods of a class, inherited ones included; the last definition of a name counts."""
        ancestors = self.origins.lineage(owner)[0]
        found: dict[str, Scope] = {}
        for ancestor in reversed(ancestors):
            for child in ancestor.children:
                if child.kind == "function":
                    if child.name in found:
                        del found[child.name]
                    found[child.name] = child
        for name, method in found.items():
            if is_unittest:
                if name.startswith("test"):
                    yield name, method
            elif self.is_test_function(method, options):
                yield name, method
