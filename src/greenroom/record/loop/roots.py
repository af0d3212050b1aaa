"""Which code is the project's."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from greenroom.model.place import Place
from greenroom.record.loop.stack import Line, is_ours

_INSTALLED = ("site-packages", "dist-packages", "node_modules")


class Roots:
    """Folders whose Python files are the project's, without what is installed below them."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self._roots = [str(root.resolve()) + os.sep for root in roots]
        folders = {os.path.dirname(os.__file__), sys.prefix}  # noqa: PTH120  - `sysconfig` is slow to load
        spelled = folders | {str(Path(folder).resolve()) for folder in folders}
        others = [folder.rstrip(os.sep) + os.sep for folder in spelled]
        self._others = [other for other in others if not any(root.startswith(other) for root in self._roots)]
        self._known: dict[str, str] = {}

    def find(self, file: str) -> str:
        """Find the path of a project's file, relative to its root; empty: it is somebody else's."""
        known = self._known.get(file)
        if known is None:
            known = self._known[file] = self._look(file)
        return known

    def place(self, line: Line) -> Place:
        """Name a line of the project."""
        return Place(path=self.find(line.file), line=max(line.number, 1), symbol=_symbol(line.name))

    def _look(self, file: str) -> str:
        if file.startswith("<"):
            return ""
        if is_ours(file) or file.startswith(tuple(self._others)):
            return ""
        known = None if f"{os.sep}." in file else self._below(file)
        return known if known is not None else self._below(_resolved(file)) or ""

    def _below(self, full: str) -> str | None:
        """The path below a root, as far as the text says; empty: it is installed; None: it is below none."""
        if full.startswith(tuple(self._others)):
            return ""
        for root in self._roots:
            if full.startswith(root):
                path = full[len(root) :].replace(os.sep, "/")
                return "" if any(part in _INSTALLED for part in path.split("/")) else path
        return None


def _resolved(file: str) -> str:
    """Without links; as it is spelled where somebody has forbidden, or replaced, what asks the system."""
    try:
        return os.path.realpath(file)
    except Exception:  # noqa: BLE001  - blockbuster raises what it likes
        return file


def _symbol(name: str) -> str:
    parts = [part for part in name.split(".") if not part.startswith("<")]
    return ".".join(parts)
