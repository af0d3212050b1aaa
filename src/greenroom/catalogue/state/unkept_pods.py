"""Stores in pods of Kubernetes whose folder is on no volume that outlasts the pod."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.state.kept_stores import FOLDERS, holds, lasting_store
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.project import Project
from greenroom.project.settings.addresses import store_of_image
from greenroom.project.settings.declaration import stage_of
from greenroom.project.settings.helm import chart_of
from greenroom.project.settings.kubernetes import Container
from greenroom.project.settings.pod_volumes import Mount

_LASTING: Final = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "DeploymentConfig"})  # fmt: skip
_TRIED_OUT: Final = re.compile(r"(?<![a-z])(?:minikube|kind|k3d|preview|load|perf)(?![a-z])")
"""Clusters that are gone sooner than their pods."""
_TOOLS: Final = re.compile(r"operator|proxy|bouncer|agent|client|router|console|migrat|init", re.IGNORECASE)
_FILLED_IN: Final = re.compile(
    r"^\s*(?:\{\{-?|#).*(?:volume|mount|persist|storage)", re.IGNORECASE | re.MULTILINE
)
"""Of a chart: what fills in volumes, or a condition under which there are some."""
_CLAIMS: Final = re.compile(r"\b(?:persistentVolumeClaim|volumeClaimTemplates|volumeMounts)\b")


def unkept_pods(project: Project) -> Iterator[Sighting]:
    """Every such store of the project's manifests, where no other file may give it a volume."""
    manifests = project.configuration.manifests.values()
    containers = [container for part in manifests for container in part.containers]
    if any(
        path.rpartition("/")[2].startswith("kustomization")
        and _CLAIMS.search(project.inventory.read_text(path))
        for path in project.inventory.other
    ):
        return  # a patch in one text, of what only the tool knows
    for container in containers:
        kind = _kind(container)
        if not kind or container.mounts is None or _is_kept(container.mounts, kind):
            continue
        others = [
            other
            for other in containers
            if other is not container and (other.workload, other.name) == (container.workload, container.name)
        ]
        if any(other.mounts is None or _is_kept(other.mounts, kind) for other in others):
            continue
        if chart_of(container.path) is None or not _FILLED_IN.search(
            project.inventory.read_text(container.path)
        ):
            yield _sighting(project, container, kind)


def _kind(container: Container) -> str:
    """The store that it is, where what it holds is meant to stay."""
    words = stage_of(container.path), _TRIED_OUT.search(container.path.lower())
    if container.kind not in _LASTING or words[0] in ("test", "development") or words[1]:
        return ""
    if _TOOLS.search(container.image.partition(":")[0]):
        return ""
    told = " ".join([*container.words, *(f"{line.name}={line.value}" for line in container.env.values())])
    databases = [line.value for line in container.env.values() if line.name.endswith(("_DB", "_DATABASE"))]
    named = " ".join((container.workload, container.name, *databases))
    return lasting_store(container.image, container.words[0] if container.words else "", told, named)


def _is_kept(mounts: tuple[Mount, ...], kind: str) -> bool:
    """Whether a volume that outlasts the pod holds its folder; a MinIO is told by its command where it keeps things."""
    kept = [mount.folder for mount in mounts if mount.outlasts]
    return holds(kept, kind) or (kind == "minio" and bool(kept))


def _is_used(project: Project, store: Container) -> bool:
    """Whether another container, or a map for containers, names it or its workload."""
    names = re.compile(rf"(?<![\w-]){re.escape(store.workload)}(?![\w-])")
    manifests = project.configuration.manifests.values()
    lines = [
        line
        for part in manifests
        for container in part.containers
        if not store_of_image(container.image)
        for line in container.env.values()
    ] + [line for part in manifests for held in part.maps.values() for line in held.values()]
    return bool(store.workload) and any(names.search(line.value) for line in lines)


def _sighting(project: Project, container: Container, kind: str) -> Sighting:
    on_purpose = any(holds([mount.folder], kind) for mount in container.mounts or ())
    sure = not on_purpose and chart_of(container.path) is None and _is_used(project, container)
    where = "on a volume that goes with its pod" if on_purpose else "on no volume"
    return Sighting(
        place=Place(path=container.path, line=container.line),
        message=f"what the {container.kind} `{container.workload}` ({container.image}) stores is {where}",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE if sure else Confidence.POSSIBLE,
        consequence="all data is gone after the next rollout, or when the pod is evicted or its node is drained",
        remedy=f"mount a PersistentVolumeClaim at `{FOLDERS[kind][0]}`",
        subject=container.workload,
        cause=f"{container.path}:{container.workload}:{container.name}",
        reach=Reach.PROJECT,
    )
