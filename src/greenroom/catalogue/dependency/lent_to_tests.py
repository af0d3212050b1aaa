"""Is a package there for tests: do only test cases use it?"""

import re
from functools import cached_property
from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_SHIPS: Final = re.compile(r"^(?!(?:.*/)?tests?/).*/test(?:ing|cases?|utils?)\.py$")
"""Beside the product, and not among its own tests."""


class LentToTests:
    """Answers for one project; who imports what is read once."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def holds(self, path: str) -> bool:
        """Whether the file's folder is imported from outside, and by tests and test cases alone."""
        return path.rpartition("/")[0] in self._lent

    @cached_property
    def _lent(self) -> set[str]:
        """The folders of which test cases that ship with the product are the only users beside tests."""
        importers: dict[str, set[Module]] = {}
        cases = {module for module in self._project.modules.values() if _holds_cases(module)}
        if not cases:
            return set()
        symbols = self._project.symbols
        for module in {*self._project.production(), *cases}:
            for _, *found in symbols.imports(module):
                for each in found:
                    if each is not None and each.folder != module.folder:
                        importers.setdefault(each.folder, set()).add(module)
        return {folder for folder, users in importers.items() if folder and users <= cases}


def _holds_cases(module: Module) -> bool:
    """A class that derives from `unittest.TestCase`, in a file that is no test, or that ships as `testcase.py`."""
    ships = module.kind is FileKind.PRODUCTION or _SHIPS.search(module.path) is not None
    return ships and any(
        scope.kind == "class"
        and any(facts.last_name(base).endswith("TestCase") for base in scope.facts.bases)
        for scope in module.scopes
    )
