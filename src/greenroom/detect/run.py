"""Detectors run; what they saw becomes findings: grouped, ranked, with an identity."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from greenroom.detect.ascent import weakest
from greenroom.detect.live import Live
from greenroom.detect.never_chosen import is_left_alone
from greenroom.detect.stopped import Stopped
from greenroom.detect.to_try import is_to_try
from greenroom.detect.uncalled import Uncalled
from greenroom.detect.unloaded import Unloaded
from greenroom.detect.unserved import Unserved
from greenroom.model.finding import Confidence, Finding, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.values import CERTAIN
from greenroom.project.code.module import Module, Scope
from greenroom.project.code.reading import keep_answers
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_REACH = list(Reach)
_SEVERITY = list(Severity)
_CONFIDENCE = list(Confidence)
_UNKNOWN = frozenset({Reach.SCRIPT, Reach.PROJECT, Reach.UNREACHED})
_BY_WHO_COMES = frozenset(
    {
        Family.EVENT_LOOP, Family.DEPENDENCY, Family.STREAM, Family.WEBSOCKET, Family.POOL, Family.RESOURCE,
        Family.ERRORS, Family.SECURITY, Family.LLM,
    }
)  # fmt: skip
"""Of whom a failure harms only who comes there; what a file says of itself holds without."""


def detect(project: Project, modes: Iterable[FailureMode]) -> tuple[Finding, ...]:
    """All findings of all modes, of every confidence, in the order in which they should be read."""
    ranks = _Reaches(project)
    ways = _Ways(project, ranks)
    stopped = Stopped(project, ranks.scope)
    found: list[tuple[FailureMode, Finding]] = []
    for mode in modes:
        if mode.detector is not None:
            sightings = list(mode.detector(project))
            stopped.learn(sightings)
            found.extend((mode, ways.known(group, mode)) for group in _group(sightings, ranks))
    keep_answers(project.modules.values())
    return tuple(sorted((_as_reached(stopped, *part) for part in found), key=reading_order))


def _as_reached(stopped: Stopped, mode: FailureMode, finding: Finding) -> Finding:
    """Possible behind a line that always fails, where it harms only who comes there, and behind an application that does not come up."""
    is_behind = mode.family in _BY_WHO_COMES and stopped.holds(finding.place)
    if is_behind or (mode.family is not Family.STARTUP and stopped.shuts(finding.place)):
        return replace(finding, confidence=Confidence.POSSIBLE)
    return finding


def reading_order(finding: Finding) -> tuple[object, ...]:
    """What users meet first, what hurts most and what is surest comes first."""
    return (
        finding.confidence is Confidence.POSSIBLE,
        _SEVERITY.index(finding.severity),
        _REACH.index(finding.reach),
        _CONFIDENCE.index(finding.confidence),
        finding.place.path,
        finding.place.line,
        finding.place.column,
        finding.code,
        finding.message,
    )


class _Reaches:
    """From which entry point is a place reached?"""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._starts: dict[str, tuple[list[int], list[Scope]]] = {}

    def of(self, sighting: Sighting) -> Reach:
        if sighting.reach is not None:
            return sighting.reach
        module = self._project.modules.get(sighting.place.path)
        if module is None:
            return Reach.PROJECT
        if module.kind is FileKind.TEST:
            return Reach.TEST
        return self._project.entries.reach(self.scope(module, sighting.place.line))

    def scope(self, module: Module, line: int) -> Scope:
        """The innermost function or class around a line."""
        if module.path not in self._starts:
            ordered = sorted(module.scopes, key=lambda scope: (scope.line, scope.index))
            self._starts[module.path] = ([scope.line for scope in ordered], ordered)
        lines, scopes = self._starts[module.path]
        at = bisect_right(lines, line) - 1
        scope: Scope | None = scopes[max(at, 0)]
        while scope is not None and scope.parent is not None:
            if scope.line <= line <= scope.end_line and scope.kind != "lambda":
                return scope
            scope = scope.parent
        return module.top


class _Ways:
    """No surer than what is known of who comes there."""

    def __init__(self, project: Project, reaches: _Reaches) -> None:
        self._project = project
        self._reaches = reaches
        self._unloaded = Unloaded(project)
        self._unserved = project.once(Unserved)
        self._live = project.once(Live)
        self._uncalled = Uncalled(project, reaches.scope)

    def known(self, group: list[Sighting], mode: FailureMode) -> Finding:
        """The finding of a group, told by the sighting that is left in front once it is known who comes to each."""
        finding = _finding(mode, group, self._reaches)
        if finding.confidence is Confidence.POSSIBLE:
            return finding
        known = self._known(group[0], mode)
        if known.confidence is Confidence.POSSIBLE and len(group) > 1:
            all_known = [known, *(self._known(sighting, mode) for sighting in group[1:])]
            ranked = sorted(all_known, key=lambda sighting: _prominence(sighting, self._reaches))
            return _finding(mode, ranked, self._reaches)
        return replace(finding, confidence=known.confidence)

    def _known(self, sighting: Sighting, mode: FailureMode) -> Sighting:
        """Possible in a file that nothing loads, in a function that nobody calls and where nobody can come; definite on a known way."""
        surest = max(mode.surest, self._surest(sighting, mode), key=_CONFIDENCE.index)
        return replace(sighting, confidence=max(sighting.confidence, surest, key=_CONFIDENCE.index))

    def _surest(self, sighting: Sighting, mode: FailureMode) -> Confidence:
        place = sighting.place
        if self._unloaded.holds(place.path):
            return Confidence.POSSIBLE
        module = self._project.modules.get(place.path)
        scope = None if module is None else self._reaches.scope(module, place.line)
        if scope is not None and self._unserved.is_idle(scope):
            return Confidence.POSSIBLE
        if mode.needs_deployment and scope is not None and not self._live.runs(scope):
            return Confidence.POSSIBLE
        if mode.family not in _BY_WHO_COMES:
            return Confidence.DEFINITE
        if scope is not None and is_left_alone(self._project, scope, place.line):
            return Confidence.POSSIBLE
        if self._reaches.of(sighting) in _UNKNOWN:
            is_dead = scope is not None and (
                is_to_try(place.path)
                or self._uncalled.holds(scope)
                or (scope.kind == "module" and self._unloaded.is_run_by_hand(scope.module))
            )
            return Confidence.POSSIBLE if is_dead else Confidence.PROBABLE
        if scope is None or scope.module.kind is FileKind.TEST:
            return Confidence.DEFINITE
        sure = weakest(self._project.entries.path(scope)) >= CERTAIN
        of_way = Confidence.DEFINITE if sure else Confidence.PROBABLE
        known = (of_way, self._unserved.surest(scope), self._uncalled.surest(scope))
        return max(known, key=_CONFIDENCE.index)


def _group(sightings: Iterable[Sighting], ranks: _Reaches) -> list[list[Sighting]]:
    """Sightings of one cause together, the one to show first in front.

    Causes that would be shown at the same line are one for the reader, who mends them there.
    """
    causes: dict[object, list[Sighting]] = defaultdict(list)
    for number, sighting in enumerate(sightings):
        causes[sighting.cause or number].append(sighting)
    lines: dict[tuple[str, int, str], list[Sighting]] = defaultdict(list)
    for group in causes.values():
        first = min(group, key=lambda sighting: _prominence(sighting, ranks)).place
        lines[first.path, first.line, first.symbol].extend(group)
    return [sorted(group, key=lambda sighting: _prominence(sighting, ranks)) for group in lines.values()]


def _prominence(sighting: Sighting, ranks: _Reaches) -> tuple[object, ...]:
    return (
        sighting.confidence is Confidence.POSSIBLE,
        _SEVERITY.index(sighting.severity),
        _REACH.index(ranks.of(sighting)),
        _CONFIDENCE.index(sighting.confidence),
        len(sighting.chain),
        sighting.place.path,
        sighting.place.line,
    )


def _finding(mode: FailureMode, group: list[Sighting], ranks: _Reaches) -> Finding:
    first = group[0]
    place = first.place
    others = [other.place for other in group[1:]]
    sites = dict.fromkeys([*first.sites, *others, *(site for other in group[1:] for site in other.sites)])
    sites.pop(place, None)
    subject = f":{first.subject}" if first.subject else ""
    return Finding(
        code=mode.code,
        name=mode.name,
        place=place,
        end_line=max(first.end_line, place.line),
        message=first.message,
        consequence=first.consequence or mode.consequence,
        remedy=first.remedy or mode.remedy,
        severity=first.severity,
        confidence=max(first.confidence, mode.surest, key=_CONFIDENCE.index),
        reach=ranks.of(first),
        shown=True,
        key=f"{mode.code}:{place.path}::{place.symbol}{subject}",
        sites=tuple(sorted(sites, key=_place_order)),
        chain=first.chain,
        stops=first.stops,
    )


def _place_order(place: Place) -> tuple[str, int, int]:
    return (place.path, place.line, place.column)
