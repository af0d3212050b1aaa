"""Commands of which many lost the same module at once: somebody took it away, and nobody has run any of them since."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from greenroom.model.finding import Sighting
from greenroom.project.code.module import Module
from greenroom.project.project import Project

_COMMANDS: Final = re.compile(r"(?:^|/)management/commands$")
_MANY: Final = 5


class LeftBehind:
    """Answers for one project; asked only of files that something is missing from."""

    def __init__(self, project: Project, missing: Callable[[Module], Iterable[Sighting]]) -> None:
        """Take the project, and what says which imports of a file fail."""
        self._project = project
        self._missing = missing
        self._lost: dict[str, Counter[str]] = {}

    def holds(self, module: Module, sighting: Sighting) -> bool:
        """Whether it is one of many commands in a folder that all ask for what is gone."""
        folder = module.folder
        if not _COMMANDS.search(folder):
            return False
        if folder not in self._lost:
            beside = (part for part in self._project.production() if part.folder == folder)
            self._lost[folder] = Counter(
                lost.cause for part in beside for lost in self._missing(part) if not lost.place.symbol
            )
        return self._lost[folder][sighting.cause] >= _MANY
