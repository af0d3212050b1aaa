"""TST008: wherever the tests cross a boundary, a double stands there."""

from collections.abc import Iterator

from greenroom.catalogue.tests.shapes import misshapen
from greenroom.catalogue.tests.skip_conditions import skips_of
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.integration_point import IntegrationPoint
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.model.test_case import Interface
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.testing.assertions import LIFECYCLE
from greenroom.project.testing.doubles import Double, Doubles
from greenroom.project.testing.fixtures import requested
from greenroom.project.testing.items import Item

_FEWEST = 2
"""One test with a double says nothing of how a project tests."""
_CAN_BE_STARTED = frozenset({"database", "cache", "queue", "search", "vector-store"})
_ENTERED = (Reach.ROUTE, Reach.SOCKET, Reach.LIFESPAN)
_OVER_ALL = (Interface.REAL, Interface.IN_PROCESS)


def detect_mocked_boundaries(project: Project) -> Iterator[Sighting]:
    """Doubles that the real thing does not resemble, and boundaries that no test crosses for real."""
    doubles = project.suite.doubles
    yield from misshapen(project, doubles)
    items = {item.id: item for item in project.suite.items}
    wanted = " ".join(
        skip.thing.lower() for item in project.suite.functions() for skip in skips_of(project, item)
    )
    for point in project.integration_points:
        tests = [items[name] for name in point.tests_doubled if name in items]
        if not point.tests_real and len(tests) >= _FEWEST:
            elsewhere = _is_wanted(point, wanted)
            yield _of_point(
                project,
                point,
                [(item, _replacement(project, point, item, doubles)) for item in tests],
                elsewhere=elsewhere,
            )


def _is_wanted(point: IntegrationPoint, wanted: str) -> bool:
    """Whether some test asks for the real thing, and is skipped without it: `OPENAI_API_KEY`."""
    words = {point.library.partition("-")[0], point.name.partition(" ")[0].partition("-")[0]}
    return any(len(word) > 3 and word.lower() in wanted for word in words)


def _is_theirs(point: IntegrationPoint) -> bool:
    """A service of somebody else, by an address that stands in the code: no container of it can be had."""
    return point.kind == "llm" or (point.kind == "http" and not point.name.startswith("http "))


def _of_point(
    project: Project, point: IntegrationPoint, replaced: list[tuple[Item, Double | None]], *, elsewhere: bool
) -> Sighting:
    tests = [item for item, _ in replaced]
    entered = any(_is_entered(project, place) for place in point.sites)
    sees_all = any(case.interface in _OVER_ALL for case in project.suite.tests)
    certain = all(double for _, double in replaced) and not (entered and sees_all) and not elsewhere
    certain = certain and not _is_theirs(point)
    first = next((double for _, double in replaced if double is not None), None)
    homes = [
        Place(path=item.function.path, line=item.function.line, symbol=item.function.qualname)
        for item in tests
    ]
    place = first.place if first is not None else homes[0]
    return Sighting(
        place=place,
        message=f"no test is seen to meet the real {point.name}: in each of the {len(tests)} that lead to it "
        "stands a double",
        severity=Severity.MEDIUM if point.kind in _CAN_BE_STARTED else Severity.LOW,
        # Nobody lets a suite meet a foreign public service.
        confidence=Confidence.PROBABLE if certain and point.kind in _CAN_BE_STARTED else Confidence.POSSIBLE,
        sites=tuple(dict.fromkeys(home for home in homes if home != place)),
        subject=point.name,
        cause=f"{point.kind}:{point.name}",
        reach=Reach.TEST,
    )


def _is_entered(project: Project, place: Place) -> bool:
    """Whether users reach the place, so that a test over HTTP may do so too."""
    module = project.modules.get(place.path)
    if module is None:
        return True
    inner = [
        scope
        for scope in module.scopes
        if scope.line <= place.line <= scope.end_line and scope.kind != "lambda"
    ]
    return project.entries.reach(max(inner, key=lambda scope: scope.line, default=module.top)) in _ENTERED


def _replacement(project: Project, point: IntegrationPoint, item: Item, doubles: Doubles) -> Double | None:
    """The double of a test that stands in the place of this very thing."""
    paths = {place.path for place in point.sites}
    library = point.library.replace("-", "_")
    for scope in _scopes(project, item):
        owner = item.owner if scope is item.function else None
        for double in doubles.on(scope, owner):
            seats = (double.seat, double.real)
            if _hands_through(scope, double):
                continue
            if any(seat.partition("::")[0] in paths for seat in seats) or double.real.startswith(
                f"{library}."
            ):
                return double
    return None


def _hands_through(scope: Scope, double: Double) -> bool:
    """Whether a function that stands in for the real one calls it: `original = SMTP.connect` is kept for that."""
    last = double.spelled.rpartition(".")[2]
    kept = {
        name
        for part in scope.body.statements
        if part.kind == "assign" and isinstance(part.value, str) and part.value.rpartition(".")[2] == last
        for name in part.target
    }
    return bool(kept) and any(call.callee in kept for child in scope.children for call in child.body.calls)


def _scopes(project: Project, item: Item) -> Iterator[Scope]:
    yield item.function
    for fixture in project.suite.fixtures.closure(item.module, item.owner, requested(item.function)):
        yield fixture.scope
    for ancestor in project.suite.origins.lineage(item.owner)[0] if item.owner else ():
        yield from (child for child in ancestor.children if child.name in LIFECYCLE)


MODE = FailureMode(
    code="TST008",
    name="mocks-every-boundary",
    family=Family.TESTS,
    summary="every test that crosses an integration point meets a double there",
    consequence="the double goes on answering after the real thing changed, and only production meets the real thing",
    remedy="let at least one test cross the boundary for real, against the service in a container",
    source="Software Engineering at Google (2020), chapter 13, Test Doubles: Fidelity",
    detector=detect_mocked_boundaries,
)
