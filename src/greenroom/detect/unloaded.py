"""Which files nothing loads: what they hold fails nobody, as far as the repository shows."""

import re
from collections import defaultdict
from functools import cached_property
from typing import Final

from greenroom.project.calls.imported import imported_by
from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_BY_CONVENTION: Final = re.compile(
    r"^(?:__\w+__|conftest|setup|settings\w*|config\w*|manage|wsgi|asgi|main|app|application|server|run\w*|celery\w*|worker\w*|"
    r"tasks?|urls|views|viewsets|models?|admin|apps|signals|forms|serializers|consumers|routing|middlewares?|plugins?|hooks?|"
    r"handlers?|listeners|commands?|cli|env|routes?|routers?|api|index|events?|jobs?|schedules?r?|dags?|page|layout|gunicorn\w*|"
    r"\d.*)$"
)
"""What frameworks, servers and people load by its name."""
_LOADED_FOLDERS: Final = re.compile(
    r"(?:^|/)(?:plugins?|extensions?|commands|migrations|versions|templatetags|dags|tasks|jobs|handlers|cogs|modules|"
    r"blueprints|pages|custom_components|addons|nodes|tools|functions|lambdas?|scripts?|bin|hooks)(?:/|$)"
)


class Unloaded:
    """Answers for one project; asked only of files in which something was found."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, bool] = {}
        self._named: dict[Module, bool] = {}

    def holds(self, path: str) -> bool:
        """Whether nobody imports the file, names it or starts it, in a project of which it is known what starts."""
        if path not in self._known:
            module = self._project.modules.get(path)
            self._known[path] = module is not None and self._is_unloaded(module)
        return self._known[path]

    def is_run_by_hand(self, module: Module) -> bool:
        """Whether a file is a program that nobody imports and no command names, in a project of which it is known what starts."""
        return self._is_left_alone(module) and _stem(module) not in self._project.configuration.mentioned

    def _is_unloaded(self, module: Module) -> bool:
        return (
            self._is_left_alone(module)
            and not _LOADED_FOLDERS.search(module.folder)
            and not self._is_loaded_by_folder(module)
            and not self._is_named(module, _stem(module))
        )

    def _is_left_alone(self, module: Module) -> bool:
        """Whether no code imports a production file, and none of the tools that load files by their names would."""
        return (
            module.kind is FileKind.PRODUCTION
            and self._starts_are_known
            and not _BY_CONVENTION.match(_stem(module))
            and module not in self._imported
        )

    @cached_property
    def _starts_are_known(self) -> bool:
        return any(application.is_live for application in self._project.applications)

    @cached_property
    def _imported(self) -> set[Module]:
        return imported_by(self._naming, self._project.symbols)

    @cached_property
    def _folders(self) -> dict[str, list[Module]]:
        found: dict[str, list[Module]] = defaultdict(list)
        for module in self._project.production():
            if _stem(module) != "__init__":
                found[module.folder].append(module)
        return found

    def _is_loaded_by_folder(self, module: Module) -> bool:
        """Where nobody knows most of a folder, something goes through it, or it is the door of a library."""
        beside = self._folders[module.folder]
        strangers = 0
        for other in beside:
            strangers += not self._is_known(other)
            if strangers * 2 > len(beside):
                return True
        return False

    def _is_known(self, module: Module) -> bool:
        stem = _stem(module)
        return module in self._imported or bool(_BY_CONVENTION.match(stem)) or self._is_named(module, stem)

    def _is_named(self, module: Module, stem: str) -> bool:
        """In other code as a text or a name, or in a file that builds, configures or starts something."""
        if module not in self._named:
            beside = stem in self._project.configuration.mentioned
            self._named[module] = beside or self._is_named_in_code(module, stem)
        return self._named[module]

    def _is_named_in_code(self, module: Module, stem: str) -> bool:
        name = stem.encode()
        alone, dotted = bytes((len(name) & 0xFF,)) + name, b"." + name
        for number, other in enumerate(self._naming):
            packed = other.packed_bodies
            if name in packed and other is not module and (alone in packed or dotted in packed):
                self._naming.insert(0, self._naming.pop(number))  # who names one names its neighbours
                return True
        return False

    @cached_property
    def _naming(self) -> list[Module]:
        return [module for module in self._project.modules.values() if module.kind is not FileKind.TEST]


def _stem(module: Module) -> str:
    return module.path.rpartition("/")[2].removesuffix(".py")
