"""What a template of an env file says, and the project itself tells people to put in its place."""

import re
from functools import cached_property
from typing import Final

from greenroom.project.project import Project
from greenroom.project.settings.addresses import target_of

_GIVEN: Final = re.compile(r"^[\s>#-]*(?:export\s+)?([A-Z][A-Z0-9_]+)=(\S+)", re.MULTILINE)


class Templates:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def are_overridden(self, name: str) -> bool:
        """Whether a compose file, or a page of the documentation, gives the variable an address that is not local."""
        return name in self._elsewhere

    @cached_property
    def _elsewhere(self) -> frozenset[str]:
        given = [
            (line.name, line.value)
            for compose in self._project.configuration.compose.values()
            for service in compose.services.values()
            for line in service.environment.values()
        ]
        inventory = self._project.inventory
        for path in inventory.documents:
            given += _GIVEN.findall(inventory.read_text(path))
        return frozenset(
            name
            for name, value in given
            if (target := target_of(name, value.strip("'\"`"))) is not None and not target.is_local
        )
