"""What stands behind a line that always fails, an import or a call: nobody comes there before that line is mended."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import NamedTuple

from greenroom.detect.unserved import Unserved
from greenroom.model.finding import Confidence, Sighting
from greenroom.model.place import Place
from greenroom.project.calls.fitting import never_fits
from greenroom.project.calls.handed_on import is_given_too_much
from greenroom.project.calls.imported import loaded_at_once
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project


class _Range(NamedTuple):
    """The lines behind a stop, to the end of the block that it stands in."""

    first: int
    last: int


class Stopped:
    """Answers for one project."""

    def __init__(self, project: Project, scope_at: Callable[[Module, int], Scope]) -> None:
        self._project = project
        self._scope_at = scope_at
        self._ranges: dict[str, set[_Range]] = defaultdict(set)
        self._files: set[str] = set()
        """Those that cannot be imported."""
        self._unserved = project.once(Unserved)
        self._known: dict[Scope, list[_Range]] = {}

    def learn(self, sightings: Iterable[Sighting]) -> None:
        """Take in what a detector saw."""
        for sighting in sightings:
            if sighting.stops and sighting.confidence is not Confidence.POSSIBLE:
                self._take(sighting.place)

    def holds(self, place: Place) -> bool:
        """Whether a place stands behind such a line, in its block or, where the whole file fails, in its file."""
        module = self._project.modules.get(place.path)
        if module is None or module.kind is not FileKind.PRODUCTION:
            return False
        behind = (*self._ranges.get(place.path, ()), *self._misfits(self._scope_at(module, place.line)))
        return any(part.first <= place.line <= part.last for part in behind)

    def _misfits(self, scope: Scope) -> list[_Range]:
        """What stands behind the calls of a function that cannot succeed; all of one that nobody can call."""
        if scope not in self._known:
            found = []
            if scope.is_function and is_given_too_much(self._project.inference, scope):
                found = [_Range(scope.line, scope.end_line)]
            elif scope.is_function:
                edges = self._project.graph.edges(scope)
                meant = Counter(edge.call for edge in edges)
                calls = scope.body.calls
                found = [
                    self._behind(scope, calls[edge.call].end_line, calls[edge.call].block)
                    for edge in edges
                    if never_fits(edge, meant[edge.call] - 1)
                ]
            self._known[scope] = found
        return self._known[scope]

    @staticmethod
    def _behind(scope: Scope, line: int, block: int) -> _Range:
        """From the next line to the end of the block, to whose end nobody comes."""
        return _Range(line + 1, scope.body.blocks[block].end_line if block else scope.end_line)

    def shuts(self, place: Place) -> bool:
        """Whether only applications lead there that cannot be imported; asked when all is learnt."""
        module = self._project.modules.get(place.path)
        if module is None or not self._shut:
            return False
        return self._unserved.is_only_of(self._scope_at(module, place.line), self._shut)

    @cached_property
    def _shut(self) -> frozenset[str]:
        """The applications of which the own file, or what it imports at once, cannot be imported."""
        modules, symbols = self._project.modules, self._project.symbols
        return frozenset(
            part.name
            for part in (self._project.applications if self._files else ())
            if part.file in modules
            if any(loaded.path in self._files for loaded in loaded_at_once(symbols, modules[part.file]))
        )

    def _take(self, place: Place) -> None:
        module = self._project.modules.get(place.path)
        if module is None or module.kind is not FileKind.PRODUCTION:
            return
        scope = self._scope_at(module, place.line)
        if not scope.is_function:
            self._ranges[place.path].add(_Range(1, module.line_count + 1))
            self._files.add(place.path)
            return
        inner = [part.block for part in scope.body.statements if part.line == place.line]
        for block in inner[:1]:
            self._ranges[place.path].add(self._behind(scope, place.line, block))
