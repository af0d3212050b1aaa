"""Who else uses a file of tests that no run of pytest or unittest collects."""

import posixpath
from collections.abc import Sequence

from greenroom.project.calls.symbols import Symbols
from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.testing.runs import is_below


class Elsewhere:
    """Imports, programs of the project, and runners of other kinds."""

    def __init__(self, symbols: Symbols, other_runs: Sequence[str]) -> None:
        """`other_runs`: files and folders, relative to the root, that runners of other kinds are sent to."""
        self._symbols = symbols
        self._other_runs = other_runs
        self._named: dict[str, bool] = {}
        self._imported: set[str] | None = None
        self._spelled: set[str] = set()
        """Names of modules as imports from the root spell them, packages without `__init__.py` among them."""

    def is_used(self, module: Module) -> bool:
        """Whether another file imports it, or a runner of another kind is sent to it."""
        return self.is_imported(module) or any(is_below(module.path, root) for root in self._other_runs)

    def is_imported(self, module: Module) -> bool:
        """Whether another file imports it, or a name of it."""
        if self._imported is None:
            self._imported = set()
            for importer in self._symbols.modules():
                for part, target, inner in self._symbols.imports(importer):
                    if target is not None and target is not importer:
                        self._imported.add(target.path)
                        if inner is not None:
                            self._imported.add(inner.path)
                    if not part.level:
                        self._spelled |= {part.module, f"{part.module}.{part.name}"}
        parts = module.path.removesuffix(".py").split("/")
        # A program finds modules from its own folder: `from smoke.test_csv import …` in tests_smoke/run.py.
        spellings = (".".join(parts[place:]) for place in range(max(1, len(parts) - 1)))
        return module.path in self._imported or not self._spelled.isdisjoint(spellings)

    def is_named(self, module: Module) -> bool:
        """Whether a program of the project spells the folder in full: it may be what runs the tests."""
        folder = posixpath.dirname(module.path)
        if "/" not in folder:
            return False
        if folder not in self._named:
            needle = folder.encode()
            self._named[folder] = any(
                needle in other.packed_bodies
                for other in self._symbols.modules()
                if other.kind is not FileKind.TEST
            )
        return self._named[folder]
