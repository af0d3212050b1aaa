"""How much of a project is exposed to a family of failure modes, and how much of that is clean."""

import platform
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from greenroom.detect.observed.judgement import REFUTED
from greenroom.model.finding import Confidence, Finding, Reach
from greenroom.model.mode import Family
from greenroom.model.place import Place
from greenroom.model.score import Fact
from greenroom.project.calls.graph import CallGraph
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_USERS = (Reach.ROUTE, Reach.SOCKET, Reach.LIFESPAN, Reach.TASK, Reach.WORKER)
_STORES = ("cache", "database", "search", "vector-store", "queue")
_HIDDEN_FOR_GOOD = ("suppressed", REFUTED)
_Function = tuple[str, str]
"""Path and qualified name."""


class Exposure:
    """Counts for the families that production code is exposed to."""

    def __init__(self, project: Project, findings: Iterable[Finding]) -> None:
        listed = tuple(findings)
        self._project = project
        self._of: Mapping[Family, list[Finding]] = _believed(listed)
        self._reported = _reported(project, listed)
        self.entries = _entries(project)
        """Functions at which users and the clock come in."""
        self._remote = {
            (site.path, site.line, site.symbol)
            for point in project.integration_points
            for site in point.sites
        }

    def facts(self) -> dict[Family, tuple[Fact, ...]]:
        """Facts by family; a family without any does not apply."""
        found = {
            family: tuple(fact for fact in count(self) if fact.total) for family, count in _COUNTS.items()
        }
        return {family: facts for family, facts in found.items() if facts}

    def on_loop(self) -> set[Scope]:
        """Entries that run on an event loop."""
        return {scope for scope in self.entries if scope.is_async}

    def streaming(self) -> set[_Function]:
        """Functions that read or serve a stream."""
        remote = self._functions_with(lambda effect: effect.is_remote and effect.stream)
        return self._functions(Family.STREAM) | remote

    def taking(self) -> set[_Function]:
        """Functions that take a connection."""
        takers = self._functions_with(lambda effect: bool(effect.acquires) and not effect.constructs)
        return self._functions(Family.POOL) | takers

    def event_loop(self) -> list[Fact]:
        on_loop = self.on_loop()
        held = on_loop & self._leading_to(Family.EVENT_LOOP)
        return [_clean("loop kept free", held, on_loop, 1.0,
                       "async entry points from which no blocking, dropped or dangling call is reached")]  # fmt: skip

    def dependencies(self) -> list[Fact]:
        bad = self._places(Family.DEPENDENCY)
        unlimited = {site for site in self._remote if site[:2] in bad}
        return [
            _clean("remote calls limited", unlimited, self._remote, 1.0,
                   "calls to something remote with a time limit and bounded retries"),
            self._provoked(),
        ]  # fmt: skip

    def errors(self) -> list[Fact]:
        functions = self._functions(Family.ERRORS)
        hidden = {site for site in self._remote if (site[0], site[2]) in functions}
        return [
            _clean("failures shown", hidden, self._remote, 1.0,
                   "calls to something remote in functions that do not hide its failure"),
            self._provoked(),
        ]  # fmt: skip

    def streams(self) -> list[Fact]:
        bad, exposed = self._functions(Family.STREAM), self.streaming()
        return [_clean("streams that end", bad, exposed, 1.0,
                       "functions that read or serve a stream, with a deadline, an end and a clean-up")]  # fmt: skip

    def pools(self) -> list[Fact]:
        bad, exposed = self._functions(Family.POOL), self.taking()
        return [_clean("connections returned", bad, exposed, 1.0,
                       "functions that take a connection and return it on every path")]  # fmt: skip

    def datastores(self) -> list[Fact]:
        stores = [point for point in self._project.integration_points if point.kind in _STORES]
        bad = min(len(stores), len(self._of[Family.DATASTORE]))
        return [Fact(name="stores kept apart", achieved=len(stores) - bad, total=len(stores), weight=1.0,
                     explanation="stores whose data nobody else's overwrites, as far as addresses show")]  # fmt: skip

    def resources(self) -> list[Fact]:
        growing = self.entries & self._leading_to(Family.RESOURCE)
        return [_clean("memory bounded", growing, self.entries, 1.0,
                       "entry points from which nothing that lives as long as the process grows without bound")]  # fmt: skip

    def startup(self) -> list[Fact]:
        modules = {module.path for module in self._project.production()}
        unparsed = {module.path for module in self._project.production() if module.error is not None}
        unresolved = [finding for finding in self._of[Family.STARTUP] if finding.code == "STA001"]
        broken = {place.path for finding in unresolved for place in _all(finding)} & modules
        broken |= unparsed & self._reported
        # Templates, and what is explained away, are no modules.
        modules -= unparsed - broken
        return [_clean("modules that import", broken, modules, 1.0,
                       "production modules that parse and whose imports resolve")]  # fmt: skip

    def configuration(self) -> list[Fact]:
        """Where variables are read and declared."""
        known = self._project.configuration
        places = {(read.scope.path, read.line) for read in known.reads}
        places |= {(part.path, part.line) for part in known.declarations}
        return [_clean("settings in order", places & self._places(Family.CONFIG), places, 1.0,
                       "lines that read or declare a variable, without a finding of CFG")]  # fmt: skip

    def _provoked(self) -> Fact:
        points = self._project.integration_points
        provoked = [point for point in points if point.failures_provoked]
        return Fact(name="failures provoked", achieved=len(provoked), total=len(points), weight=1.0,
                    explanation="integration points that some test makes fail")  # fmt: skip

    def _places(self, family: Family) -> set[tuple[str, int]]:
        return {(place.path, place.line) for finding in self._of[family] for place in _all(finding)}

    def _functions(self, family: Family) -> set[_Function]:
        return {(finding.place.path, finding.place.symbol) for finding in self._of[family]}

    def _functions_with(self, matches: Callable[..., bool]) -> set[_Function]:
        return {
            (edge.caller.path, edge.caller.qualname)
            for edge in self._project.graph.all_effects()
            if edge.effect is not None
            and edge.caller.module.kind is FileKind.PRODUCTION
            and matches(edge.effect)
        }

    def _leading_to(self, family: Family) -> set[Scope]:
        # A chain also goes where the graph has no edge: through a method that an heir defines otherwise.
        begun = {(found.chain[0].path, found.chain[0].symbol) for found in self._of[family] if found.chain}
        places = self._functions(family) | begun
        starts = [
            scope
            for path in {path for path, _ in places}
            if path in self._project.modules
            for scope in self._project.modules[path].scopes
            if (path, scope.qualname) in places
        ]
        return _ancestors(self._project.graph, starts)


_COUNTS: dict[Family, Callable[[Exposure], list[Fact]]] = {
    Family.EVENT_LOOP: Exposure.event_loop,
    Family.DEPENDENCY: Exposure.dependencies,
    Family.STREAM: Exposure.streams,
    Family.POOL: Exposure.pools,
    Family.DATASTORE: Exposure.datastores,
    Family.RESOURCE: Exposure.resources,
    Family.CONFIG: Exposure.configuration,
    Family.STARTUP: Exposure.startup,
    Family.ERRORS: Exposure.errors,
}


def _believed(findings: Iterable[Finding]) -> Mapping[Family, list[Finding]]:
    """What counts, whether or not it is shown: sure enough, not explained away in the code, not refuted by a run."""
    found: dict[Family, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.confidence is not Confidence.POSSIBLE and not finding.hidden_because.startswith(
            _HIDDEN_FOR_GOOD
        ):
            found[Family(finding.code[:3])].append(finding)
    return found


def _reported(project: Project, findings: Iterable[Finding]) -> set[str]:
    """Files named for what keeps them from being imported, however sure; none where they are for another Python than ours."""
    try:
        wanted = SpecifierSet(project.manifest.requires_python)
    except InvalidSpecifier:
        return set()
    if not wanted.contains(platform.python_version(), prereleases=True):
        return set()
    return {
        finding.place.path
        for finding in findings
        if finding.code == "STA001" and not finding.hidden_because.startswith(_HIDDEN_FOR_GOOD)
    }


def _all(finding: Finding) -> tuple[Place, ...]:
    return (finding.place, *finding.sites)


def _clean(
    name: str, bad: AbstractSet[object], exposed: AbstractSet[object], weight: float, explanation: str
) -> Fact:
    total = len(exposed)
    return Fact(
        name=name, achieved=total - len(bad & exposed), total=total, weight=weight, explanation=explanation
    )


def _entries(project: Project) -> set[Scope]:
    """Functions at which users and the clock come in."""
    found = set()
    for module in project.production():
        for scope in module.scopes:
            entry = project.entries.entry(scope)
            if entry is not None and entry.scope is scope and entry.reach in _USERS:
                found.add(scope)
    return found


def _ancestors(graph: CallGraph, starts: Iterable[Scope]) -> set[Scope]:
    """The scopes and all from which they are reached."""
    seen = set(starts)
    queue = deque(seen)
    while queue:
        for edge in graph.callers(queue.popleft()):
            if edge.certainty >= PROBABLE and edge.caller not in seen:
                seen.add(edge.caller)
                queue.append(edge.caller)
    return seen
