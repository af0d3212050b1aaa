"""TST004: an async test whose body never runs."""

from collections.abc import Iterator

from greenroom.catalogue.tests.by_their_file import are_started_by_hand
from greenroom.catalogue.tests.failing_import import of_tests_that_start
from greenroom.catalogue.tests.known_runs import is_collected_by_pytest
from greenroom.catalogue.tests.laid_aside import is_laid_aside
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.testing.items import Item
from greenroom.project.testing.options import IgnoredConfiguration, Options
from greenroom.project.testing.runs import is_below

_FAILS_SINCE = (8, 4)
_MEANT = ("plugin:marked", "plugin:mode")
"""Who marks them, or sets the mode, has the plugin, though no file that is read declares it: at first sight two of nine were true."""


@of_tests_that_start
def detect_tests_never_awaited(project: Project) -> Iterator[Sighting]:
    """One sighting per cause: a configuration that is not in effect, a base class, a missing plugin."""
    groups: dict[str, list[Item]] = {}
    for item in project.suite.functions():
        if item.never_awaited and not is_laid_aside(project, item) and not _is_of_the_product(project, item):
            cause = project.suite.awaiting[item].cause
            if cause == "generator":
                cause = f"generator:{item.id}"
            groups.setdefault(cause, []).append(item)
    for cause, items in groups.items():
        yield _sighting(project, cause, items)


def _is_of_the_product(project: Project, item: Item) -> bool:
    """`await test_connection()`: a function of production that others call, whatever it is called."""
    return item.function.module.kind is FileKind.PRODUCTION and any(
        edge.awaited or edge.how == "call" for edge in project.graph.callers(item.function)
    )


def _sighting(project: Project, cause: str, items: list[Item]) -> Sighting:
    sites = tuple(
        Place(path=item.function.path, line=item.function.line, symbol=item.function.qualname)
        for item in items
    )
    place, why = _culprit(project, cause, items) or (sites[0], items[0].never_awaited)
    count = "1 async test is" if len(items) == 1 else f"{len(items)} async tests are"
    certain = project.suite.awaiting[items[0]].certain
    loud = not items[0].unittest and _fails_them(project)
    return Sighting(
        place=place,
        message=f"{count} never awaited: {why}",
        severity=Severity.MEDIUM if loud else Severity.HIGH,
        confidence=_confidence(
            certain=certain,
            loud=loud,
            elsewhere=cause in _MEANT
            or not all(item.unittest or is_collected_by_pytest(project, item.module.path) for item in items)
            or _are_awaited_elsewhere(project, cause, items)
            or are_started_by_hand(project, items),
        ),
        consequence="this pytest fails them, and none of their assertions runs" if loud else "",
        remedy=_REMEDIES.get(cause.partition(":")[0], ""),
        sites=tuple(site for site in sites if site != place),
        subject=cause.partition(":")[0],
        cause=cause,
        reach=Reach.TEST,
    )


def _confidence(*, certain: bool, loud: bool, elsewhere: bool) -> Confidence:
    if elsewhere:
        return Confidence.POSSIBLE
    return Confidence.DEFINITE if certain and not loud else Confidence.PROBABLE


def _are_awaited_elsewhere(project: Project, cause: str, items: list[Item]) -> bool:
    """Whether another command, in a folder around all of the tests, has the mode that awaits them."""
    homes = [run.options.rootdir for run in project.suite.runs if run.options.asyncio_mode == "auto"]
    return cause.startswith("mode:") and any(
        all(is_below(item.function.path, home) for item in items) for home in homes
    )


def _fails_them(project: Project) -> bool:
    """Whether the pinned pytest turns red for an async test that nobody awaits."""
    parts = project.manifest.versions.get("pytest", "").split(".")
    if len(parts) < 2 or not all(part.isdigit() for part in parts[:2]):
        return False
    return (int(parts[0]), int(parts[1])) >= _FAILS_SINCE


def _culprit(project: Project, cause: str, items: list[Item]) -> tuple[Place, str] | None:
    """The configuration that should have had them awaited, and why it does not."""
    if not cause.startswith("mode:"):
        return None
    for run in project.suite.runs:
        if run.options.path != cause.removeprefix("mode:"):
            continue
        options = run.options
        meant = next((part for part in options.ignored if _means_auto(part)), None)
        if meant is not None:
            line = next((meant.lines[key] for key in meant.lines if "asyncio" in key), meant.line)
            reason = f"{items[0].never_awaited}; `{_spelled(meant)}` in {meant.path} is not in effect: {meant.reason}"
            return Place(path=meant.path, line=line), reason
        misspelled = _misspelled(options)
        if misspelled:
            key, line = misspelled
            return Place(
                path=options.path, line=line
            ), f"`{key}` is no option of pytest; it is spelled asyncio_mode"
    return None


def _means_auto(section: IgnoredConfiguration) -> bool:
    return any(
        key.replace("-", "_") in ("asyncio_mode", "mode") and str(value) == "auto"
        for key, value in section.values.items()
    )


def _spelled(section: IgnoredConfiguration) -> str:
    key = next(key for key in section.values if key.replace("-", "_") in ("asyncio_mode", "mode"))
    return f"{key} = auto"


def _misspelled(options: Options) -> tuple[str, int] | None:
    for key in options.values:
        if key != "asyncio_mode" and key.replace("-", "_").lower() in ("asyncio_mode", "asynciomode"):
            return key, options.lines.get(key, 1)
    return None


_REMEDIES = {
    "mode": "set `asyncio_mode = auto` in the file that pytest reads, or mark the tests with `@pytest.mark.asyncio`",
    "plugin": "declare pytest-asyncio (or use anyio's marker), and run the suite once to see the tests fail or pass",
    "class": "derive from `unittest.IsolatedAsyncioTestCase`",
    "generator": "move what is yielded into a fixture",
}


MODE = FailureMode(
    code="TST004",
    name="never-awaited",
    family=Family.TESTS,
    summary="an async test is created as a coroutine and never run",
    consequence="the behaviour that the test was written for is tested by nobody, and nothing turns red",
    remedy="let something await it: a plugin with its marker or mode, or a base class that does",
    source="pytest documentation, How to use unittest-based tests; pytest-asyncio documentation, Modes",
    detector=detect_tests_never_awaited,
)
