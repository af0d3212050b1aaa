"""Tests that no run executes, because a mark says so; shared by the entries of this family."""

from collections.abc import Iterator

from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.project import Project
from greenroom.project.testing.items import Item


def is_laid_aside(project: Project, item: Item) -> bool:
    """Skipped whatever is there: by `skip`, or under a condition that always holds, `skipif(True)`."""
    return item.always_skipped or any(_holds(call) for call in _conditional(project, item))


def _conditional(project: Project, item: Item) -> Iterator[Call]:
    for mark in project.suite.marks.on(item.function, item.owner):
        if mark.name == "skipif" and mark.call is not None:
            yield mark.call
    for scope in (item.function, item.owner):
        if scope is None or scope.parent is None:
            continue
        for decorator in scope.decorators:
            if not isinstance(decorator, int):
                continue
            if project.suite.origins.callee(scope.parent, decorator) == "unittest.skipIf":
                yield scope.parent.body.calls[decorator]


def _holds(call: Call) -> bool:
    given = call.arguments[:1] or (call.keyword("condition"),)
    return facts.constant(given[0]) in (True, "True")
