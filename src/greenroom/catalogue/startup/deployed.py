"""Images that somebody builds: of many in one repository, the recipes name those that are in use."""

import re
from functools import cached_property
from typing import Final

from greenroom.project.project import Project

_RECIPE: Final = re.compile(
    r"(?:^|/)(?:\.github/workflows/|\.gitlab|\.circleci/|\.buildkite/|\.tekton/|azure-pipelines|Jenkinsfile|bitbucket|cloudbuild|skaffold|"
    r"docker-bake|tiltfile|makefile|justfile|taskfile|render\.ya?ml|fly\.toml)|\.(?:ya?ml|sh|bash|mk|tf|hcl)$",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(r"(?m)^\s*#.*$|\s#\s.*$")


class Deployed:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._composed = {
            service.dockerfile
            for compose in project.configuration.compose.values()
            for service in compose.services.values()
        }

    def is_left_out(self, path: str) -> bool:
        """Whether recipes of the project name the folders of other images, and neither this one's nor its file."""
        images = self._project.configuration.images
        folder = path.rpartition("/")[0]
        if path not in images or not folder or path in self._composed or self._names(path):
            return False
        return any(other != path and "/" in other and self._names(other) for other in images)

    def _names(self, path: str) -> bool:
        folders = path.split("/")[:-1]
        spelled = "/".join(folders[-2:])
        return re.search(rf"(?<![\w-]){re.escape(spelled)}(?![\w-])", self._text) is not None

    @cached_property
    def _text(self) -> str:
        inventory = self._project.inventory
        paths = (path for path in (*inventory.other, *inventory.documents) if _RECIPE.search(path))
        return "\n".join(_REMARK.sub("", inventory.read_text(path)) for path in dict.fromkeys(paths))
