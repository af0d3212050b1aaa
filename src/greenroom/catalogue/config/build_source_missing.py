"""CFG009: a service that is built from what is not there."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.project import Project
from greenroom.project.settings.compose import ComposeFile, Service
from greenroom.project.settings.declaration import stage_of

_SUBMODULE: Final = re.compile(r"^\s*path\s*=\s*(\S+)\s*$", re.MULTILINE)
_FETCHED: Final = re.compile(r"git\s+clone|git\s+submodule|degit|gitman|git\s+subtree")
_SCRIPTS: Final = re.compile(r"(?:^|/)(?:Makefile|justfile|Taskfile\.ya?ml)$|\.(?:sh|md|rst|ya?ml|py)$")
_DEFAULTS: Final = ("Dockerfile", "dockerfile", "Containerfile")
_OPEN: Final = re.compile(r"[${]|^\.\.(?:/|$)|^/")
"""Filled in later, or outside of the project."""


def detect_missing_build_sources(project: Project) -> Iterator[Sighting]:
    """Every service of a compose file whose folder or Dockerfile is not in the project."""
    sources = _Sources(project)
    for compose in project.configuration.compose.values():
        for service in compose.services.values():
            missing = sources.missing(compose, service)
            if missing:
                yield _sighting(compose, service, missing, sources.confidence(compose, service))


class _Sources:
    """What there is to build from."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._modules = {
            PurePosixPath(path) for path in _SUBMODULE.findall(_text(project.root / ".gitmodules"))
        }

    def missing(self, compose: ComposeFile, service: Service) -> str:
        """What of it is not there, in words; empty where all is, or where that cannot be told."""
        if not service.dockerfile or any(map(_OPEN.search, (service.build, service.dockerfile))):
            return ""
        if self._is_of_another(service.build) or self._is_laid_over(compose, service):
            return ""
        starts = list(_starts(compose.path))
        folder = self._below(starts, service.build)
        if folder is None:
            return f"the folder `{service.build}`, which is not there"
        name = PurePosixPath(service.dockerfile).name
        files = [folder / part for part in _DEFAULTS] if name == "Dockerfile" else []
        if any(part.exists() for part in files) or self._below(starts, service.dockerfile) is not None:
            return ""
        return f"`{service.dockerfile}`, which is not there"

    def _below(self, starts: list[str], path: str) -> Path | None:
        """Where it is: beside the file, or below a folder around it from which compose may be started."""
        first = starts[0]
        relative = path[len(first) + 1 :] if first and path.startswith(f"{first}/") else ""
        candidates = [path, *(f"{start}/{relative}".lstrip("/") for start in starts[1:] if relative)]
        found = (self._project.root / part for part in candidates)
        return next((part for part in found if part.exists()), None)

    def _is_of_another(self, folder: str) -> bool:
        path = PurePosixPath(folder)
        return any(path == part or part in path.parents for part in self._modules)

    def _is_laid_over(self, compose: ComposeFile, service: Service) -> bool:
        """Whether another file makes the service, and is given first: from there paths are read."""
        return any(
            service.name in other.services and bool(other.services[service.name].build)
            for other in self._project.configuration.compose.values()
            if other is not compose
        )

    def confidence(self, compose: ComposeFile, service: Service) -> Confidence:
        """Possible where an image may be had instead, where it is for people at work, or where a script may bring it."""
        passing = any(stage_of(name) in ("development", "test") for name in (compose.path, service.name))
        if service.image or passing or self._is_fetched(service.build):
            return Confidence.POSSIBLE
        return Confidence.PROBABLE

    def _is_fetched(self, folder: str) -> bool:
        path = PurePosixPath(folder)
        outer = [part for part in (path, *path.parents) if not (self._project.root / part).exists()]
        name = (outer or [path])[-1].name
        inventory = self._project.inventory
        return any(
            _FETCHED.search(text) is not None and name in text
            for path in (*inventory.other, *inventory.documents)
            if _SCRIPTS.search(path)
            if (text := inventory.read_text(path))
        )


def _starts(path: str) -> Iterator[str]:
    """The folder of a file, and those around it."""
    for part in PurePosixPath(path).parents:
        yield "" if str(part) == "." else str(part)


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _sighting(compose: ComposeFile, service: Service, missing: str, confidence: Confidence) -> Sighting:
    return Sighting(
        place=Place(path=compose.path, line=service.line),
        message=f"the service `{service.name}` is built from {missing}",
        severity=Severity.HIGH,
        confidence=confidence,
        subject=service.name,
        cause=f"{compose.path}:{missing}",
        reach=Reach.PROJECT,
    )


MODE = FailureMode(
    code="CFG009",
    name="build-source-missing",
    family=Family.CONFIG,
    summary="a service of a compose file is built from a folder or a Dockerfile that is not in the project",
    consequence="`docker compose up --build` ends before anything starts, on every machine but the one where it is left over",
    remedy="name the folder that there is, or take the service out; build the deployment's files in CI",
    source="Docker documentation, Compose Build Specification: context and dockerfile",
    detector=detect_missing_build_sources,
    surest=Confidence.PROBABLE,
)
