"""STA002: a start of production that no test goes through."""

from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.startup.asked_in_pipeline import AskedInPipeline
from greenroom.catalogue.startup.composed_tests import is_brought_up_in_pipeline, is_composed_for_tests
from greenroom.catalogue.startup.deployed import Deployed
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code.module import Module
from greenroom.project.project import Project
from greenroom.project.startup.own_processes import is_known_to_tests, own_processes
from greenroom.project.startup.run_by import StartRuns
from greenroom.project.startup.sequence import Sequence, find_sequences

_ASGI: Final = {"fastapi", "starlette", "quart"}
_MANY: Final = 3
_MOST_NAMED: Final = 3


def detect_untested_starts(project: Project) -> Iterator[Sighting]:
    """Handlers that frameworks run before the first request, and processes beside the server."""
    if not any(item.runs for item in project.suite.items):
        return
    runs = StartRuns(project)
    for sequence in find_sequences(project):
        module = sequence.handler.module
        if (
            _is_entered_only(module)
            and not runs.tests_of(sequence)
            and not is_composed_for_tests(project, module)
            and not is_brought_up_in_pipeline(project, module)
            and not project.once(AskedInPipeline).serves(module)
        ):
            yield _of_sequence(sequence, left_to_people=runs.is_left_to_people(sequence))
    yield from _processes(project)


def _is_entered_only(module: Module) -> bool:
    """Whether its framework's test client runs the start only where it is entered."""
    return any(part.module.split(".", 1)[0] in _ASGI for part in module.imports)


def _of_sequence(sequence: Sequence, *, left_to_people: bool) -> Sighting:
    matters = not left_to_people and (bool(sequence.needs) or len(sequence.phases) >= _MANY)
    return Sighting(
        place=Place(path=sequence.handler.path, line=sequence.handler.line, symbol=sequence.handler.qualname),
        message=f"no test runs the start of the application: `{sequence.handler.qualname}`{_phases(sequence)}",
        severity=Severity.HIGH if sequence.needs else Severity.MEDIUM,
        confidence=Confidence.PROBABLE if matters else Confidence.POSSIBLE,
        remedy="enter the test client (`with TestClient(app) as client`) in at least one test, with real services behind it",
        sites=tuple(Place(path=sequence.handler.path, line=part.line) for part in sequence.phases),
        subject=sequence.handler.qualname,
        cause=f"start:{sequence.handler.path}",
        reach=Reach.LIFESPAN,
    )


def _phases(sequence: Sequence) -> str:
    if not sequence.phases:
        return ""
    named = ", ".join(f"`{part.name}`" for part in sequence.phases[:_MOST_NAMED])
    more = len(sequence.phases) - _MOST_NAMED
    return f" with {named}{f' and {more} more' if more > 0 else ''}"


def _processes(project: Project) -> Iterator[Sighting]:
    """`python -m package.worker` of a deployment."""
    deployed = Deployed(project)
    asked = project.once(AskedInPipeline)
    for process, module in own_processes(project):
        if not is_known_to_tests(project, module) and not asked.starts(process.path):
            yield Sighting(
                place=Place(path=process.path, line=process.line),
                message=f"the deployment starts `{process.spelled}`, and no test starts or imports `{module.name}`",
                severity=Severity.MEDIUM,
                confidence=Confidence.POSSIBLE
                if _only_calls(module) or deployed.is_left_out(process.path)
                else Confidence.PROBABLE,
                remedy="start the process in a test as the deployment does, and stop it by a signal",
                sites=(Place(path=module.path, line=1),),
                subject=module.name,
                cause=f"process:{module.path}",
            )


def _only_calls(module: Module) -> bool:
    """Whether it defines nothing, and only calls what tests may call themselves: `application = create_app()`."""
    return not any(scope.is_function or scope.kind == "class" for scope in module.scopes) and not any(
        block.kind in ("for", "while", "try") for block in module.top.body.blocks
    )


MODE = FailureMode(
    code="STA002",
    name="startup-untested",
    family=Family.STARTUP,
    summary="the start of an application or process that no test goes through",
    consequence="a phase that fails, hangs or comes in the wrong order is met by the deployment first",
    remedy="let a test start what the deployment starts, with real services behind it",
    source="FIELD report 2: tests start a minimal fixture, production runs a six-phase start-up; Starlette documentation, Lifespan",
    detector=detect_untested_starts,
    surest=Confidence.PROBABLE,
)
