"""Files of production that something loads for sure: of others, nobody may ever notice that they cannot be imported.

Of 95 findings in production code at large, 33 were true at first sight; of 13 in commands of Django, ten.
"""

import re
from functools import cached_property
from typing import Final

from greenroom.catalogue.startup.import_chain import ImportChains
from greenroom.detect.search import words
from greenroom.model.place import Place
from greenroom.project.calls.imported import loaded_at_once
from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_COMMANDS: Final = re.compile(r"(?:^|/)management/commands/")
_RUN_ONCE: Final = re.compile(r"(?:^|/)(?:migrations|versions)/")
"""Who has run a migration has it behind."""
_MAKERS: Final = frozenset({
    "fastapi.FastAPI", "flask.Flask", "quart.Quart", "starlette.applications.Starlette", "litestar.Litestar", "sanic.Sanic",
    "aiohttp.web.Application",
})  # fmt: skip
"""A file that makes one as it is loaded is an application, though its routes may be what is missing."""
_MADE: Final = words(*(maker.rpartition(".")[2] for maker in _MAKERS))


class LoadedForSure:
    """Answers for one project."""

    def __init__(self, project: Project, chains: ImportChains) -> None:
        self._project = project
        self._chains = chains

    def leaves_open(self, module: Module, place: Place) -> bool:
        """Whether nobody is known to come to a line: in production at the start or by a command, in a function by calls."""
        if place.symbol:  # whether calls come to the function is asked elsewhere
            return _RUN_ONCE.search(module.path) is not None
        return module.kind is FileKind.PRODUCTION and not (self.has(module) or _COMMANDS.search(module.path))

    def has(self, module: Module) -> bool:
        """Whether what a deployment starts, or the file of an application, imports it at once."""
        return bool(self._chains.to(module)) or module in self._of_applications

    @cached_property
    def _of_applications(self) -> set[Module]:
        modules = self._project.modules
        homes = {part.file for part in self._project.applications if part.is_live is not False}
        homes |= {module.path for module in self._project.production() if self._makes_one(module)}
        return {
            loaded
            for home in homes
            if home in modules
            for loaded in loaded_at_once(self._project.symbols, modules[home])
        }

    def _makes_one(self, module: Module) -> bool:
        origins = self._project.suite.origins
        return bool(module.places(_MADE)) and any(
            origins.callee(module.top, index).removesuffix("()") in _MAKERS
            for index in range(len(module.top.body.calls))
        )
