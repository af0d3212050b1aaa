"""Tests that the project starts as programs: `python checks/test_size.py`."""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps

from greenroom.catalogue.tests.known_runs import is_come_to
from greenroom.model.finding import Confidence, Sighting
from greenroom.project.code.facts import last_name
from greenroom.project.code.module import Module
from greenroom.project.project import Project
from greenroom.project.testing.items import Item
from greenroom.project.testing.runs import is_below
from greenroom.project.testing.scripts import is_script

_Detector = Callable[[Project], Iterator[Sighting]]
_RUNNERS = re.compile(
    r"(?:pytest|unittest|nose|nose2|unittest2|ward|twisted|django|robotframework)(?:[-.]|$)"
)


def of_tests_for_a_runner(detect: _Detector) -> _Detector:
    """The same detector, no longer sure of programs to which no runner comes: nobody sees them green."""

    @wraps(detect)
    def detect_where_a_runner_is_named(project: Project) -> Iterator[Sighting]:
        for sighting in detect(project):
            module = project.modules.get(sighting.place.path)
            name = last_name(sighting.place.symbol)
            by_hand = module is not None and is_script(module) and _calls(module, name)
            if (
                module is not None
                and by_hand
                and (not _is_runner_named(project, module) or _is_outside(project, module))
            ):
                yield replace(sighting, confidence=Confidence.POSSIBLE)
            else:
                yield sighting

    return detect_where_a_runner_is_named


def of_tests_that_are_run(detect: _Detector) -> _Detector:
    """The same detector, no longer sure of programs to which no written command and no configuration comes."""

    @wraps(detect)
    def detect_where_a_run_comes(project: Project) -> Iterator[Sighting]:
        for sighting in detect(project):
            module = project.modules.get(sighting.place.path)
            by_hand = module is not None and is_script(module) and not _starts_a_runner(module)
            if module is not None and by_hand and not is_come_to(project, module.path):
                yield replace(sighting, confidence=Confidence.POSSIBLE)
            else:
                yield sighting

    return detect_where_a_run_comes


def _starts_a_runner(module: Module) -> bool:
    """`unittest.main()`, `pytest.main([__file__])`."""
    return any(
        isinstance(call.callee, str)
        and last_name(call.callee) == "main"
        and _RUNNERS.match(f"{call.callee.partition('.')[0]}.")
        for call in module.top.body.calls
    )


def are_started_by_hand(project: Project, items: list[Item]) -> bool:
    """Whether each is awaited by its own file, a program that a page starts by Python or that no command runs."""
    modules = {item.module for item in items}
    return (
        all(is_script(module) for module in modules)
        and all(_calls(item.module, item.function.name) for item in items)
        and (
            all(_is_told(project, module) for module in modules)
            or not any(_is_runner_named(project, module) for module in modules)
            or all(_is_left_out(project, module) for module in modules)
        )
    )


def _is_left_out(project: Project, module: Module) -> bool:
    """Whether the project's commands say where its tests are, and none of them comes to the file."""
    told = any(run.text and not run.open_ended for run in project.suite.runs)
    return told and not _is_covered(project, module)


def _is_outside(project: Project, module: Module) -> bool:
    """Whether the configurations around the file say where tests are, and none of these folders has it."""
    around = [
        run
        for run in project.suite.runs
        if run.options.path and run.options.testpaths and is_below(module.path, run.directory)
    ]
    return bool(around) and not any(is_below(module.path, root) for run in around for root in run.roots)


def _is_covered(project: Project, module: Module) -> bool:
    """Whether a command that somebody wrote down, or a configuration that has folders of tests, comes to the file."""
    return any(
        is_below(module.path, root)
        for run in project.suite.runs
        if (run.text and not run.open_ended) or run.options.testpaths
        for root in run.roots
    )


def _is_runner_named(project: Project, module: Module) -> bool:
    """Whether a manifest around the file, a command or configuration for it, or a test of the project names a runner."""
    near = project.manifest.near(module.path)
    return (
        any(_RUNNERS.match(name) for name in (*near.declared, *near.versions))
        or _is_covered(project, module)
        or any(run.options.path and is_below(module.path, run.directory) for run in project.suite.runs)
        or any(_is_for_runner(other) for other in project.modules.values())
    )


def _is_for_runner(module: Module) -> bool:
    name = posixpath.basename(module.path)
    return name == "conftest.py" or any(_RUNNERS.match(f"{part.module}.") for part in module.imports)


def _calls(module: Module, name: str) -> bool:
    return any(
        last_name(call.callee) == name
        for scope in module.scopes
        if scope.name != name
        for call in scope.body.calls
    )


def _is_told(project: Project, module: Module) -> bool:
    folder, name = posixpath.split(module.path)
    near = rf"(?:[\w./-]*/)?{re.escape(posixpath.basename(folder))}/\w+\.py|" if folder else ""
    command = re.compile(rf"\bpython3?\s+(?:{near}(?:[\w./-]*/)?{re.escape(name)})")
    inventory = project.inventory
    return any(command.search(inventory.read_text(path)) for path in inventory.documents)
