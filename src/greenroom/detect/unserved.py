"""Routes that nobody can ask for, as far as the repository shows: what only they lead to harms no user."""

from functools import cached_property
from typing import Final

from greenroom.model.finding import Confidence
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.web.entry import Entry

_Handler = tuple[str, str]
"""Path and qualified name."""
_LONGEST: Final = 3
"""Threads that start threads."""


class Unserved:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._handlers: dict[frozenset[str], set[_Handler]] = {}

    def surest(self, scope: Scope) -> Confidence:
        """What a finding may be to which somebody comes: possible behind a route of no application; definite on a way that is known whole."""
        entries = self._entries(scope)
        if entries and all(entry.is_unserved for entry in entries):
            return Confidence.POSSIBLE
        hangs_loose = self.is_only_of(scope, self._idle | {""})
        return Confidence.PROBABLE if hangs_loose else Confidence.DEFINITE

    def is_served(self, scope: Scope) -> bool:
        """Whether it may be that somebody comes there."""
        return any(not entry.is_unserved for entry in self._entries(scope)) and not self.is_idle(scope)

    def is_idle(self, scope: Scope) -> bool:
        """Whether only an application leads there that nothing starts, while larger ones are deployed: a left-over."""
        if not self._idle:
            return False
        files = {path for path, _ in self._came(scope)}
        return self.is_only_of(scope, self._idle) or files <= self._idle_files

    def is_only_of(self, scope: Scope, applications: frozenset[str]) -> bool:
        """Whether it is a handler, or reached from one, that no further application has."""
        return self._came(scope) <= self._handlers_of(applications)

    def _came(self, scope: Scope) -> set[_Handler]:
        came = [entry.scope for entry in self._entries(scope)] or [scope]
        return {(part.path, part.qualname) for part in came}

    def _entries(self, scope: Scope) -> list[Entry]:
        """How the world comes there; to a thread or a task, as it comes to whoever starts it."""
        entry = self._project.entries.entry(scope)
        return self._begun(entry, _LONGEST) if entry is not None else []

    def _begun(self, entry: Entry, left: int) -> list[Entry]:
        found: list[Entry] = []
        for starter in self._starters[entry.scope]:
            outer = self._project.entries.entry(starter) if starter is not None and left else None
            if outer is None:
                return [entry]  # by itself, or nobody knows how
            found += self._begun(outer, left - 1)
        return found

    @cached_property
    def _starters(self) -> dict[Scope, list[Scope | None]]:
        """For each entry who hands it over; None for one that needs nobody."""
        found: dict[Scope, list[Scope | None]] = {}
        for entry in self._project.entries.all():
            found.setdefault(entry.scope, []).append(entry.given_in)
        return found

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
