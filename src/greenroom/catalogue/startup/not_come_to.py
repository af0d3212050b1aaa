"""Imports and files to which no run comes: behind a skip, in a program that nobody starts, beside a console script."""

import posixpath
import re

from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.detect.search import words
from greenroom.model.finding import Sighting
from greenroom.project.code import facts
from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project


class NotComeTo:
    """Answers for one project; asked only of files that something is missing from."""

    def __init__(self, project: Project, by_hand: ByHand) -> None:
        self._project = project
        self._by_hand = by_hand
        self._left_over: dict[Module, bool] = {}

    def includes(self, module: Module, sighting: Sighting) -> bool:
        """Whether the line is behind a skip of the whole file, or the file is run by `python -m` only, which nobody does."""
        return (
            _is_behind_a_skip(module, sighting.place.line)
            or self._has_a_console_script(module)
            or self._is_left_over_helper(module)
        )

    def _is_left_over_helper(self, module: Module) -> bool:
        """Whether it lies among the tests, has none, and no other file imports or names it."""
        if module not in self._left_over:
            self._left_over[module] = self._find_left_over(module)
        return self._left_over[module]

    def _find_left_over(self, module: Module) -> bool:
        name = posixpath.basename(module.path).removesuffix(".py")
        if module.kind is not FileKind.TEST or name in ("conftest", "__init__", "__main__"):
            return False
        if any(item.module is module for item in self._project.suite.items):
            return False
        named, others = words(name), self._project.modules.values()
        return not self._project.symbols.importers(module) and not any(
            other.places(named) for other in others if other is not module
        )

    def _has_a_console_script(self, module: Module) -> bool:
        """`shop/pay/__main__.py`, where the console script imports `shop.pay` and nothing says `python -m shop.pay`."""
        folder, _, name = module.path.rpartition("/")
        if name != "__main__.py":
            return False
        homes = {target.partition(":")[0] for target in self._project.manifest.scripts.values()}
        home = next(
            (part for part in homes if part and f"/{folder}".endswith(f"/{part.replace('.', '/')}")), ""
        )
        return bool(home) and not self._is_said(re.compile(rf"-m[\s\"',]+{re.escape(home)}(?![\w.])"))

    def _is_said(self, pattern: re.Pattern[str]) -> bool:
        inventory = self._project.inventory
        paths = (*inventory.other, *inventory.documents)
        return any(pattern.search(inventory.read_text(path)) for path in paths)

    def is_loaded_by_nobody(self, module: Module) -> bool:
        """Whether modules of production import it, and of these no other code imports or names one, and nothing starts it."""
        if module.kind is not FileKind.PRODUCTION or self._by_hand.is_started(module):
            return False
        importers = self._project.symbols.importers(module)
        return bool(importers) and not any(self._is_in_use(importer) for importer in importers)

    def _is_in_use(self, module: Module) -> bool:
        by_hand = self._by_hand
        if (
            module.kind is not FileKind.PRODUCTION
            or by_hand.is_imported(module)
            or by_hand.is_started(module)
        ):
            return True
        if module.path.endswith("__init__.py"):
            return True
        named = words(".".join(module.path.removesuffix(".py").split("/")[-2:]))
        return any(other.places(named) for other in self._project.modules.values())


def _is_behind_a_skip(module: Module, line: int) -> bool:
    """`pytest.skip("…", allow_module_level=True)` without a condition: nothing below it runs."""
    return module.kind is FileKind.TEST and any(
        facts.last_name(call.callee) == "skip"
        and call.line < line
        and facts.constant(call.keyword("allow_module_level")) is True
        and not call.block
        for call in module.top.body.calls
    )


def is_laid_down(project: Project, module: Module) -> bool:
    """Whether a program lies in no package, and no recipe or document names it: it was run once."""
    folder, name = posixpath.split(module.path)
    if folder and f"{folder}/__init__.py" in project.modules:
        return False
    said = re.compile(rf"(?<!\w){re.escape(name.removesuffix('.py'))}(?!\w)")
    inventory = project.inventory
    return not any(
        said.search(inventory.read_text(path)) for path in (*inventory.other, *inventory.documents)
    )
