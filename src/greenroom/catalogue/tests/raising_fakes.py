"""Fakes of the tests that raise in the place of a class that asks a dependency."""

from collections.abc import Iterator

from greenroom.model.integration_point import IntegrationPoint
from greenroom.project.code.facts import last_name
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_NO_FAILURES = frozenset({"AssertionError", "NotImplementedError", "StopIteration", "StopAsyncIteration"})


class RaisingFakes:
    """The methods that fakes of the tests raise in, by the base that a fake shares with the product's own class."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._methods = {
            (base, method.name)
            for module in project.modules.values()
            if module.kind is FileKind.TEST
            for scope in module.scopes
            if scope.kind == "class"
            for method in scope.children
            if method.kind == "function" and _fails(method)
            for base in self._bases(scope)
        }

    def stand_for(self, point: IntegrationPoint) -> bool:
        """Whether one of them raises in a method that a class which asks this dependency has from the same base."""
        if not self._methods:
            return False
        return any(
            (base, method.name) in self._methods
            for place in point.sites
            for owner in self._owners(place.path, place.line)
            for base in self._bases(owner)
            for method in owner.children
        )

    def _owners(self, path: str, line: int) -> Iterator[Scope]:
        module = self._project.modules.get(path)
        for scope in module.scopes if module is not None else ():
            if scope.kind == "class" and scope.line <= line <= scope.end_line:
                yield scope

    def _bases(self, scope: Scope) -> list[Scope]:
        """Of the product alone, and not the class itself: `unittest.TestCase` is a base of much."""
        ancestors = self._project.suite.origins.lineage(scope)[0][1:]
        return [base for base in ancestors if base.module.kind is FileKind.PRODUCTION]


def _fails(method: Scope) -> bool:
    for part in method.body.statements:
        if part.kind == "raise" and part.value is not None:
            value = method.body.calls[part.value].callee if isinstance(part.value, int) else part.value
            if last_name(value) not in _NO_FAILURES:
                return True
    return False
