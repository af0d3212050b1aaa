"""Which code is the project's."""

import os
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from greenroom.model.place import Place
from greenroom.record.loop.stack import Line, is_ours

_INSTALLED = ("site-packages", "dist-packages", "node_modules")


class Roots:
    """Folders whose Python files are the project's, without what is installed below them."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self._roots = [str(root.resolve()) + os.sep for root in roots]
        folders = {sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), sys.prefix}
        others = [str(Path(folder).resolve()) + os.sep for folder in folders]
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
        full = os.path.realpath(file)
        if is_ours(file) or full.startswith(tuple(self._others)):
            return ""
        for root in self._roots:
            if full.startswith(root):
                path = full[len(root) :].replace(os.sep, "/")
                return "" if any(part in _INSTALLED for part in path.split("/")) else path
        return ""


def _symbol(name: str) -> str:
    parts = [part for part in name.split(".") if not part.startswith("<")]
    return ".".join(parts)
