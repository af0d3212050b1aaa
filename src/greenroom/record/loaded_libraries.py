"""Does something to libraries of the tested program once they are loaded, and loads none of them itself."""

import sys
from collections.abc import Callable
from types import ModuleType

from greenroom.record.import_watch import ImportWatch

Treat = Callable[[ModuleType], bool]
"""Takes a module, which may be half-loaded, and says whether it found there what it looks for."""


class LoadedLibraries:
    """What waits for which module."""

    def __init__(self, complain: Callable[[Exception], None]) -> None:
        self._complain = complain
        self._waiting: list[tuple[str, Treat]] = []
        self._watch: ImportWatch | None = None
        self._loaded = 0

    def once_loaded(self, module: str, treat: Treat) -> None:
        """Have this done when the module is there; said before `install`."""
        self._waiting.append((module, treat))

    def install(self) -> None:
        """Treat what is there already, and watch for the rest."""
        self.look()
        if self._waiting:
            self._watch = ImportWatch({name for name, _ in self._waiting}, self.look)
            self._watch.install()

    def look_again(self) -> None:
        """The same, where something was imported since: some importers tell nobody."""
        if len(sys.modules) != self._loaded:
            self._loaded = len(sys.modules)
            self.look()

    def look(self) -> None:
        """Treat what is there by now."""
        for entry in tuple(self._waiting):
            name, treat = entry
            module = sys.modules.get(name)
            if module is not None and self._treat(treat, module) and entry in self._waiting:
                self._waiting.remove(entry)

    def _treat(self, treat: Treat, module: ModuleType) -> bool:
        try:
            return treat(module)
        except Exception as error:  # noqa: BLE001  - the library works without us
            self._complain(error)
            return True

    def uninstall(self) -> None:
        """Watch no longer."""
        if self._watch is not None:
            self._watch.uninstall()
        self._waiting.clear()
