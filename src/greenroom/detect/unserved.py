"""Routes that nobody can ask for, as far as the repository shows: what only they lead to harms no user."""

from functools import cached_property

from greenroom.model.finding import Confidence
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_Handler = tuple[str, str]
"""Path and qualified name."""


class Unserved:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def surest(self, scope: Scope) -> Confidence:
        """What a finding there may be: possible behind a route of no application, probable behind one that is idle."""
        entry = self._project.entries.entry(scope)
        if entry is not None and entry.is_unserved:
            return Confidence.POSSIBLE
        came = entry.scope if entry is not None else scope
        idle = (came.path, came.qualname) in self._idle_handlers or came.path in self._idle_files
        return Confidence.PROBABLE if idle else Confidence.DEFINITE

    def is_served(self, scope: Scope) -> bool:
        """Whether it may be that somebody comes there."""
        return self.surest(scope) is Confidence.DEFINITE

    @cached_property
    def _idle_handlers(self) -> set[_Handler]:
        """Those that only applications have which nothing starts, while others are started."""
        idle = self._project.idle_applications
        served: dict[bool, set[_Handler]] = {True: set(), False: set()}
        for route in self._project.routes:
            served[route.application in idle].add((route.file, route.symbol))
        return served[True] - served[False]

    @cached_property
    def _idle_files(self) -> set[str]:
        """Where only such applications are made: what starts with them, starts never."""
        made = {True: set[str](), False: set[str]()}
        for application in self._project.applications:
            made[application.is_live is False].add(application.file)
        return made[True] - made[False]
