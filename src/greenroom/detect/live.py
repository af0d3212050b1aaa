"""Positive evidence that a place matters: what is deployed is known to come there."""

from functools import cached_property
from typing import Final

from greenroom.detect.ascent import weakest
from greenroom.model.finding import Reach
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project
from greenroom.project.web.entry import Entry

_COMES: Final = frozenset({Reach.ROUTE, Reach.SOCKET, Reach.LIFESPAN, Reach.TASK, Reach.PROJECT})
_SERVING: Final = frozenset({Reach.ROUTE, Reach.SOCKET, Reach.LIFESPAN, Reach.WORKER})
_BY_SETTINGS: Final = frozenset({"django", "channels"})
"""Frameworks that load their files by names in settings, which no import shows."""


class Live:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def runs(self, scope: Scope) -> bool:
        """Whether it is known that the deployment comes there: of what stands outside of functions, that it loads the file."""
        return self.leads_to(scope) or (not _is_inside_function(scope) and self.is_loaded(scope.module))

    def leads_to(self, scope: Scope) -> bool:
        """Whether a request, a job or a process's own life comes there, by calls that are known, from what is started.

        Of a library, who comes is not known; true there.
        """
        entry = self._project.entries.entry(scope)
        if entry is None or entry.is_unserved:
            return not self.serves
        return weakest(self._project.entries.path(scope)) >= PROBABLE and self._is_started(entry)

    def is_loaded(self, module: Module) -> bool:
        """Whether something in the repository starts the file, or what imports it; true where nothing tells what is started."""
        return (
            module.path in self._project.loaded
            or not self._tells_what_is_started
            or (self._has_settings and module.path not in self._imported_files)
        )

    def _is_started(self, entry: Entry) -> bool:
        """Jobs are found by names in settings; a script counts where a deployment, and not only a developer, runs it."""
        module = entry.scope.module
        if entry.reach is Reach.SCRIPT:
            return not self.serves or any(
                start.is_deployment for start in self._project.loaded.get(module.path, ())
            )
        return entry.reach is Reach.WORKER or (entry.reach in _COMES and self.is_loaded(module))

    @cached_property
    def serves(self) -> bool:
        """Whether it is known who comes to the project at all; of a library it is not."""
        return any(entry.reach in _SERVING for entry in self._project.entries.all())

    @cached_property
    def _tells_what_is_started(self) -> bool:
        return any(application.is_live for application in self._project.applications)

    @cached_property
    def _has_settings(self) -> bool:
        """Whether Django runs files by names in settings, also beside other applications."""
        return any(route.framework in _BY_SETTINGS for route in self._project.routes)

    @cached_property
    def _imported_files(self) -> set[str]:
        """Where frameworks import what they serve."""
        return {route.file for route in self._project.routes if route.framework not in _BY_SETTINGS}


def _is_inside_function(scope: Scope) -> bool:
    part: Scope | None = scope
    while part is not None:
        if part.is_function:
            return True
        part = part.parent
    return False
