"""Positive evidence that a runner is meant to come to a file."""

from greenroom.project.project import Project
from greenroom.project.testing.items import Item
from greenroom.project.testing.runs import Run, is_below

_OF_PYTEST = "pytest"
_OF_CLASSES = frozenset({"django", "unittest"})
"""Runners that take classes of unittest only."""


def is_collected_by_pytest(project: Project, path: str) -> bool:
    """Whether a written command has pytest begin around the file; where none is written, whether the project declares pytest."""
    written = [run for run in project.suite.runs if run.text and run.runner == _OF_PYTEST]
    if not written:
        return _OF_PYTEST in project.manifest.declared
    return any(run.open_ended or is_below(path, root) for run in written for root in run.roots)


def is_of_a_runner(project: Project, item: Item) -> bool:
    """Whether a written command, or a configuration, of a runner that takes such tests is around the file."""
    return any(
        _takes(run, item)
        and (bool(run.text) or bool(run.options.path))
        and is_below(item.module.path, run.directory)
        for run in project.suite.runs
    )


def _takes(run: Run, item: Item) -> bool:
    return run.runner == _OF_PYTEST or (run.runner in _OF_CLASSES and bool(item.unittest))


def is_come_to(project: Project, path: str) -> bool:
    """Whether the folders of a written command, or of a configuration, hold the file."""
    return any(
        is_below(path, root)
        for run in project.suite.runs
        if run.text or run.options.path
        for root in run.roots
    )
