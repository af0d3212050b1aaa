"""Tests that an import ends before they check anything; shared by the entries of this family."""

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps

from greenroom.catalogue.startup.first_party import FirstParty
from greenroom.model.finding import Confidence, Sighting
from greenroom.project.code.module import Module
from greenroom.project.project import Project

_Detector = Callable[[Project], Iterator[Sighting]]


def of_tests_that_start(detect: _Detector) -> _Detector:
    """The same detector, no longer sure of tests of which an import of the project's own code fails.

    Such a test is red, or does not run at all, whatever it says: STA001 and TST005 tell of it.
    """

    @wraps(detect)
    def detect_where_imports_resolve(project: Project) -> Iterator[Sighting]:
        failing = project.once(_FailingImports)
        for sighting in detect(project):
            sure = sighting.confidence is not Confidence.POSSIBLE
            if sure and failing.end(sighting.place.path, sighting.place.symbol):
                yield replace(sighting, confidence=Confidence.POSSIBLE)
            else:
                yield sighting

    return detect_where_imports_resolve


class _FailingImports:
    """Which files and functions of tests import what the project does not have."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, frozenset[str]] = {}

    def end(self, path: str, symbol: str) -> bool:
        """Whether the test, its file or a conftest.py above it has such an import."""
        modules = self._project.modules
        if path not in modules:
            return False
        found = self._symbols(modules[path])
        above = (modules[part] for part in _conftests(path) if part in modules)
        return "" in found or symbol in found or any("" in self._symbols(module) for module in above)

    def _symbols(self, module: Module) -> frozenset[str]:
        """The functions of the file in which an import fails; the empty name is the file itself."""
        if module.path not in self._known:
            first_party = self._project.once(FirstParty)
            self._known[module.path] = frozenset(
                module.scopes[part.scope].qualname
                for part in module.imports
                if not part.guard
                and (part.level or first_party.owns(part.module.partition(".")[0], module))
                and first_party.check(module, part) is not None
            )
        return self._known[module.path]


def _conftests(path: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    while folder:
        yield f"{folder}/conftest.py"
        folder = posixpath.dirname(folder)
    yield "conftest.py"
