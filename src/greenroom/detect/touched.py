"""The lens `touched`: how much of what is exposed to a family the recorded tests have reached."""

from collections.abc import Iterable

from greenroom.detect.exposure import Exposure
from greenroom.detect.observe import Observed
from greenroom.model.integration_point import IntegrationPoint
from greenroom.model.mode import Family
from greenroom.model.score import Fact
from greenroom.project.code.module import Scope

_STORES = frozenset({"cache", "database", "object-store", "search", "vector-store"})
_LOCAL = frozenset({"cpu", "file", "none", "process"})


def touched_families(exposure: Exposure, observed: Observed) -> dict[Family, Fact]:
    """By family; those to which nothing is exposed are left out."""
    points = observed.project.integration_points
    streaming, taking = exposure.streaming(), exposure.taking()
    facts = {
        Family.EVENT_LOOP: _reached(observed, exposure.on_loop(), "async entry points reached"),
        Family.STREAM: _reached(observed, _scopes(observed, streaming), "functions with a stream reached"),
        Family.POOL: _reached(
            observed, _scopes(observed, taking), "functions that take a connection reached"
        ),
        Family.RESOURCE: _reached(observed, exposure.entries, "entry points reached"),
        Family.DEPENDENCY: _crossed(point for point in points if point.kind not in _LOCAL),
        Family.DATASTORE: _crossed(point for point in points if point.kind in _STORES),
        Family.ERRORS: _entered(observed),
        Family.TESTS: _executed(observed),
    }
    return {family: fact for family, fact in facts.items() if fact.total}


def _fact(name: str, achieved: int, total: int) -> Fact:
    return Fact(name=name, achieved=achieved, total=total, weight=0.0, explanation="", measured=True)


def _reached(observed: Observed, scopes: Iterable[Scope], name: str) -> Fact:
    listed = [scope for scope in scopes if scope.path not in observed.seen.changed]
    reached = sum(observed.reach.has(scope) for scope in listed)
    return _fact(name if observed.reach.is_exact else f"{name} at least", reached, len(listed))


def _scopes(observed: Observed, functions: Iterable[tuple[str, str]]) -> list[Scope]:
    wanted = set(functions)
    modules = observed.project.modules
    return [
        scope
        for path in {path for path, _ in wanted} & modules.keys()
        for scope in modules[path].scopes
        if scope.is_function and (path, scope.qualname) in wanted
    ]


def _crossed(points: Iterable[IntegrationPoint]) -> Fact:
    listed = list(points)
    return _fact("crossed for real", sum(bool(point.tests_real) for point in listed), len(listed))


def _entered(observed: Observed) -> Fact:
    found = next((bar for bar in observed.used.coverage if bar.name == "error paths"), None)
    return _fact("error paths entered", found.achieved if found else 0, found.total if found else 0)


def _executed(observed: Observed) -> Fact:
    tests = observed.project.suite.tests
    return _fact("run", sum(test.runs for test in tests), len(tests))
