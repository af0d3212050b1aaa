"""Notices when one of a few modules has been imported, so that it is patched before it is used."""

import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import Any

_OF_THE_IMPORT_SYSTEM = "<frozen importlib._bootstrap_external>"


class ImportWatch:
    """Is told when a watched module is complete."""

    def __init__(self, names: Iterable[str], complete: Callable[[], None]) -> None:
        self._names = set(names)
        self._complete = complete

    def install(self) -> None:
        """Begin to watch."""
        for name in self._names:
            _FINDER.waiting.setdefault(name, []).append(self._complete)
        if self._names and _FINDER not in sys.meta_path:
            sys.meta_path.insert(0, _FINDER)

    def uninstall(self) -> None:
        """Watch no longer."""
        for name in self._names:
            rest = [each for each in _FINDER.waiting.pop(name, ()) if each != self._complete]
            if rest:
                _FINDER.waiting[name] = rest
        if not _FINDER.waiting and _FINDER in sys.meta_path:
            sys.meta_path.remove(_FINDER)


class _Finder:
    """Stands first among the finders, once for all who watch, and finds nothing itself."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[Callable[[], None]]] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As the import system asks: what the other finders say, with a loader that tells us."""
        completes = self.waiting.pop(name, None)
        if completes is None:
            return None
        for finder in tuple(sys.meta_path):
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                self._attach(spec.loader, completes)
                return spec
        return None

    def _attach(self, loader: Any, completes: list[Callable[[], None]]) -> None:
        if type(loader) is not SourceFileLoader:
            return  # it may serve other modules too
        execute = loader.exec_module

        def execute_and_tell(module: ModuleType) -> None:
            execute(module)
            for complete in completes:
                complete()

        # So `warnings` passes over it, as it does over all else of the import system.
        hidden = execute_and_tell.__code__.replace(co_filename=_OF_THE_IMPORT_SYSTEM)
        execute_and_tell.__code__ = hidden
        loader.exec_module = execute_and_tell  # type: ignore[method-assign]


_FINDER = _Finder()
"""The finders of a process exist once."""
