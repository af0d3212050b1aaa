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
        self._handlers: dict[frozenset[str], set[_Handler]] = {}

    def surest(self, scope: Scope) -> Confidence:
        """What a finding may be to which somebody comes: possible behind a route of no application; definite on a way that is known whole."""
        entry = self._project.entries.entry(scope)
        if entry is not None and entry.is_unserved:
            return Confidence.POSSIBLE
        hangs_loose = self.is_only_of(scope, self._idle | {""})
        return Confidence.PROBABLE if hangs_loose else Confidence.DEFINITE

    def is_served(self, scope: Scope) -> bool:
        """Whether it may be that somebody comes there."""
        entry = self._project.entries.entry(scope)
        return entry is not None and not entry.is_unserved and not self.is_idle(scope)

    def is_idle(self, scope: Scope) -> bool:
        """Whether only an application leads there that nothing starts, while larger ones are deployed: a left-over."""
        if not self._idle:
            return False
        return self.is_only_of(scope, self._idle) or self._came(scope)[0] in self._idle_files

    def is_only_of(self, scope: Scope, applications: frozenset[str]) -> bool:
        """Whether it is a handler, or reached from one, that no further application has."""
        return self._came(scope) in self._handlers_of(applications)

    def _came(self, scope: Scope) -> _Handler:
        entry = self._project.entries.entry(scope)
        came = entry.scope if entry is not None else scope
        return came.path, came.qualname

    @cached_property
    def _idle(self) -> frozenset[str]:
        return self._project.idle_applications

    def _handlers_of(self, applications: frozenset[str]) -> set[_Handler]:
        """Those that no other application has."""
        if applications not in self._handlers:
            served: dict[bool, set[_Handler]] = {True: set(), False: set()}
            for route in self._project.routes:
                served[route.application in applications].add((route.file, route.symbol))
            self._handlers[applications] = served[True] - served[False]
        return self._handlers[applications]

    @cached_property
    def _idle_files(self) -> set[str]:
        """Where only such applications are made: what starts with them, starts never."""
        made = {True: set[str](), False: set[str]()}
        for application in self._project.applications:
            made[application.is_live is False].add(application.file)
        return made[True] - made[False]
