"""Servers of WSGI, behind which each request has a loop of its own, if it has one: Django makes it for an async view."""

import re
from functools import cached_property
from typing import Final

from greenroom.project.project import Project

_ONE_LOOP_EACH: Final = frozenset({"django", "flask"})
_WSGI: Final = re.compile(
    r"^[^#\n]*\b(?:gunicorn|uwsgi|waitress-serve)\b[^\n]*\bwsgi\b|^\s*(?:module|wsgi-file)\s*=\s*\S*wsgi|^\s*WSGIScriptAlias\s",
    re.MULTILINE,
)
_ASGI: Final = re.compile(r"asgi(?!ref)|uvicorn|daphne|hypercorn|granian|channels", re.IGNORECASE)
_STARTS: Final = re.compile(
    r"\.(?:sh|ya?ml|conf|ini|service|tf|json)$|(?:^|/)(?:[^/]*[Dd]ockerfile[^/]*|Procfile[^/]*|[^/.]+)$"
)


class BehindWsgi:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def serves_all(self) -> bool:
        """Whether a server of WSGI is started, and neither a file that starts things nor the code names one of ASGI."""
        project = self._project
        if any(route.framework not in _ONE_LOOP_EACH for route in project.routes) or self._imports_asgi():
            return False
        paths = [path for path in project.inventory.other if _STARTS.search(path)]
        texts = [project.inventory.read_text(path) for path in paths]
        return any(map(_WSGI.search, texts)) and not any(map(_ASGI.search, texts))

    def _imports_asgi(self) -> bool:
        return any(
            _ASGI.match(part.module or part.name or "")
            for module in self._project.production()
            for part in module.imports
            if part.level == 0
        )
