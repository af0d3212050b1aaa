"""Settings that turn debugging on: mostly those of the developers, at times the only ones, with which users are served."""

import re
from functools import cached_property
from typing import Final

from greenroom.detect.search import mentioning, words
from greenroom.project.code import facts
from greenroom.project.code.module import Module
from greenroom.project.project import Project

_DEBUG: Final = words("DEBUG")
_HOSTS: Final = re.compile(r"^ALLOWED_HOSTS\s*=\s*[\[(]([^\])]*)[\])]", re.MULTILINE)
_HOST: Final = re.compile(r"""["']\.?([\w-]+(?:\.[\w-]+)+)["']""")
_OF_DEVELOPERS: Final = re.compile(
    r"^(?:127|10|192\.168|172\.(?:1[6-9]|2\d|3[01])|0)\.[\d.]+$|(?:^|\.)(?:local|localhost|test|internal|example\.com)$|ngrok"
)
_SERVED_BY: Final = ("wsgi.py", "asgi.py")


class DebugSettings:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def are_for_developers(self, module: Module) -> bool:
        """Whether they turn debugging on, and are not known to be what users are served with."""
        return module in self._debugging and not (
            len(self._deciding) == 1 and self._takes_over_nothing(module) and self._is_served(module)
        )

    @cached_property
    def _deciding(self) -> dict[Module, bool]:
        """All that decide about debugging, and whether they turn it on."""
        found: dict[Module, bool] = {}
        for scope in mentioning(self._project.production(), _DEBUG):
            values = [
                facts.constant(part.value)
                for part in scope.body.statements
                if part.kind == "assign" and "DEBUG" in part.target
            ]
            if scope.kind == "module" and values:
                found[scope.module] = True in values
        return found

    @cached_property
    def _debugging(self) -> set[Module]:
        return {module for module, is_on in self._deciding.items() if is_on}

    @staticmethod
    def _takes_over_nothing(module: Module) -> bool:
        """`from .local import *` at the end: what a server sets is not in the repository."""
        return not any(part.name == "*" for part in module.imports)

    def _is_served(self, module: Module) -> bool:
        """A server is started, or the world is let in by a name or an address of its own."""
        started = [process.module for process in self._project.processes if process.module is not None]
        if any(each.path.endswith(_SERVED_BY) for each in started):
            return True
        text = self._project.inventory.read_text(module.path)
        hosts = [host for listed in _HOSTS.findall(text) for host in _HOST.findall(listed)]
        return any(not _OF_DEVELOPERS.search(host) for host in hosts)
