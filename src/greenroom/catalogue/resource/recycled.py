"""Workers that are replaced after so many requests or tasks: what grows by them begins anew before it is large."""

import re
from functools import cached_property
from typing import Final

from greenroom.model.finding import Reach
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_OF_REQUESTS: Final = re.compile(
    r"--(?:limit-)?max-requests(?:[=\s]|\",\s*\"?)+[1-9]|^\s*max[_-]requests\s*=\s*"
    r"(?:int\()?(?:[\w.]+\(\s*[\"']\w+[\"'],\s*[\"']?)?[1-9]|--maximum-requests(?:[=\s])+[1-9]",
    re.MULTILINE,
)
_OF_TASKS: Final = re.compile(
    r"--max-tasks-per-child(?:[=\s]|\",\s*\"?)+[1-9]|(?:worker_|CELERYD?_(?:WORKER_)?)max_tasks_per_child\s*[=:]\s*[1-9]",
    re.MULTILINE | re.IGNORECASE,
)
_CONFIGURES: Final = re.compile(
    r"(?:^|/)[^/]*(?:gunicorn|celery|settings|config)[^/]*\.py$|(?:^|/)settings/[^/]+\.py$"
)
"""Modules that say it as well as a command line does."""


class Recycled:
    """Answers for one project; its files are read only when somebody asks."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def ends(self, scope: Scope) -> bool:
        """Whether the process that this runs in is replaced once it has done so many of what leads here."""
        reach = self._project.entries.reach(scope)
        if reach in (Reach.ROUTE, Reach.SOCKET):
            return self._after_requests
        return reach is Reach.WORKER and self._after_tasks

    @cached_property
    def _after_requests(self) -> bool:
        return self._says(_OF_REQUESTS)

    @cached_property
    def _after_tasks(self) -> bool:
        return self._says(_OF_TASKS)

    def _says(self, pattern: re.Pattern[str]) -> bool:
        inventory = self._project.inventory
        configuring = (part.path for part in self._project.production() if _CONFIGURES.search(part.path))
        return any(
            pattern.search(inventory.read_text(path).replace("\\\n", " "))
            for path in (*inventory.other, *configuring)
        )
