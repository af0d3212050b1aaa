"""Does AWS Batch end what a script does: `attemptDurationSeconds`, in what submits its jobs or defines them?"""

import re
from functools import cached_property
from typing import Final

from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Reach
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_WORDS: Final = words("attemptDurationSeconds")
_LIMIT: Final = re.compile(r"\battempt_?[dD]uration_?[sS]econds\b")
_INFRASTRUCTURE: Final = re.compile(r"\.(?:tf|ya?ml|json|tmpl|template|hcl)$")


class BatchJobs:
    """Answers for one project; its files are read only when somebody asks."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def ends(self, scope: Scope) -> bool:
        """Whether a script alone leads there, or a task of its own, and the deployment starts it nowhere else."""
        entry = self._project.entries.entry(scope)
        if entry is None or entry.reach not in (Reach.SCRIPT, Reach.TASK) or not self._are_limited:
            return False
        reaches = {self._project.entries.reach(part) for part in scope.module.scopes}
        return (
            (entry.reach is Reach.SCRIPT or entry.scope.module is scope.module)
            and Reach.SCRIPT in reaches
            and Reach.ROUTE not in reaches
            and not any(start.is_deployment for start in self._project.loaded.get(scope.path, ()))
        )

    @cached_property
    def _are_limited(self) -> bool:
        inventory = self._project.inventory
        described = (
            path for path in (*inventory.other, *inventory.documents) if _INFRASTRUCTURE.search(path)
        )
        return any(True for _ in mentioning(self._project.production(), _WORDS)) or any(
            _LIMIT.search(inventory.read_text(path)) for path in described
        )
