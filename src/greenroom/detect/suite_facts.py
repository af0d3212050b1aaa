"""What the tests are worth, in counts: as facts of the score and as coverage bars."""

from collections.abc import Iterable
from dataclasses import replace

from greenroom.detect.coverage.endpoints import spelled
from greenroom.detect.deployment_bars import deployment_bars
from greenroom.detect.observe import Observed
from greenroom.detect.observed.judgement import REFUTED
from greenroom.model.finding import Confidence, Finding
from greenroom.model.route import Route
from greenroom.model.score import Bar, Fact
from greenroom.model.test_case import Interface
from greenroom.project.project import Project

_GREEN_FOR_NOTHING = ("TST001", "TST002", "TST003")
_OVER_AN_INTERFACE = (Interface.REAL, Interface.IN_PROCESS)


def coverage_bars(
    project: Project, findings: Iterable[Finding], observed: Observed | None = None
) -> tuple[Bar, ...]:
    """The bars that a project has something to show for, in the order of their weight for users.

    Args:
        project: As it was read; as `observed` has it, where there is a run.
        findings: Of every confidence.
        observed: What a run says.
    """
    bars = (
        *reach_bars(project, observed),
        _points(project, "dependency failures provoked", provoked=True),
        *_tests(project, findings),
        *deployment_bars(project),
    )
    measured = _measured(observed)
    return tuple(replace(bar, measured=bar.name in measured) for bar in bars if bar.total)


def reach_bars(project: Project, observed: Observed | None = None) -> tuple[Bar, Bar, Bar]:
    """What tests reach of the product: routes, sockets and dependencies."""
    return (
        _routes(project, "HTTP routes requested", observed, sockets=False),
        _routes(project, "sockets connected", observed, sockets=True),
        _points(project, "dependencies crossed for real", provoked=False),
    )


def _measured(observed: Observed | None) -> frozenset[str]:
    """Bars of which the run decides: of a run that contained some of the tests only, none."""
    if observed is None or not observed.seen.is_whole:
        return frozenset()
    found = {"tests that run", "tests over an interface"}
    if observed.seen.has_sensor("crossings"):
        found.add("dependencies crossed for real")
    if observed.routes.are_seen:
        found |= {"HTTP routes requested", "sockets connected"}
    return frozenset(found)


def suite_facts(bars: Iterable[Bar]) -> tuple[Fact, ...]:
    """The same counts, weighted: what users would notice counts double; of the deployment, bars tell enough."""
    weights = {
        "HTTP routes requested": (2.0, "routes that a request in the tests names"),
        "sockets connected": (1.0, "socket routes that a test connects to"),
        "dependencies crossed for real": (2.0, "dependencies that some test reaches without a double"),
        "dependency failures provoked": (2.0, "dependencies that some test makes fail"),
        "tests that run": (1.0, "tests whose body some documented command executes"),
        "tests that can fail": (1.0, "tests that run and check something that can be false"),
        "tests over an interface": (1.0, "tests that come in as users do: HTTP, WebSocket, browser, process"),
    }
    return tuple(
        Fact(name=bar.name, achieved=bar.achieved, total=bar.total, weight=weights[bar.name][0],
             explanation=weights[bar.name][1], measured=bar.measured)
        for bar in bars
        if bar.name in weights
    )  # fmt: skip


def _routes(project: Project, name: str, observed: Observed | None, *, sockets: bool) -> Bar:
    routes = [route for route in project.routes if (route.method == "WEBSOCKET") == sockets]
    reached = {route for route in routes if _is_reached(project, route, observed)}
    return _bar(name, [(spelled(route), route in reached) for route in routes])


def _is_reached(project: Project, route: Route, observed: Observed | None) -> bool:
    """As the run saw it; as it is read of the tests and the files of which the run says nothing."""
    requests = project.requests.of(route)
    if observed is None or not observed.routes.are_seen:
        return bool(requests)
    if route in observed.routes.answers:
        return True
    if route.file in observed.seen.changed:
        return bool(requests)
    return any(observed.seen.is_out_of_sight(request.scope) for request in requests)


def _points(project: Project, name: str, *, provoked: bool) -> Bar:
    return _bar(
        name,
        [
            (point.name, bool(point.failures_provoked if provoked else point.tests_real))
            for point in project.integration_points
        ],
    )


def _tests(project: Project, findings: Iterable[Finding]) -> tuple[Bar, Bar, Bar]:
    tests = project.suite.tests
    running = [test for test in tests if test.runs]
    hollow = {
        (place.path, place.symbol)
        for finding in findings
        if finding.code in _GREEN_FOR_NOTHING
        and finding.confidence is not Confidence.POSSIBLE
        and not finding.hidden_because.startswith(REFUTED)
        for place in (finding.place, *finding.sites)
    }
    return (
        _bar("tests that run", [(test.id, test.runs) for test in tests]),
        _bar("tests that can fail", [(test.id, (test.path, test.symbol) not in hollow) for test in running]),
        _bar(
            "tests over an interface", [(test.id, test.interface in _OVER_AN_INTERFACE) for test in running]
        ),
    )


def _bar(name: str, listed: list[tuple[str, bool]]) -> Bar:
    return Bar(
        name=name,
        achieved=sum(covered for _, covered in listed),
        total=len(listed),
        covered=tuple(thing for thing, covered in listed if covered),
        missing=tuple(thing for thing, covered in listed if not covered),
    )
