"""STT001: what was stored is gone after the next restart."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.state.drawn_keys import drawn_keys
from greenroom.catalogue.state.kept_stores import FOLDERS, holds, is_passing, lasting_store
from greenroom.catalogue.state.unkept_files import unkept_files
from greenroom.catalogue.state.unkept_pods import unkept_pods
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.project import Project
from greenroom.project.settings.addresses import store_of_image
from greenroom.project.settings.compose import ComposeFile, Service, is_for_developers
from greenroom.project.settings.declaration import stage_of

_FILLED_IN: Final = re.compile(r"\$\{[^}]*\}")
_CODE: Final = re.compile(r"\.{1,2}/[^:]*:/(?:app|code|src|usr/src|opt|srv|home|workspace|var/www)(?:/|:|$)")
_TOOLS: Final = re.compile(r"admin|express|exporter|commander|insight|(?:^|[/-])ui\b|console|backup")
_LASTING: Final = re.compile(r"always|unless-stopped|any", re.IGNORECASE)


def detect_lost_on_restart(project: Project) -> Iterator[Sighting]:
    """Every store of a deployment whose folder is on no volume, every service that keeps files in its container, every drawn key.

    Of Kubernetes the stores alone: which code an image holds is not told by its manifests.
    """
    files = project.configuration.compose.values()
    for compose in files:
        others = [other for other in files if other is not compose]
        yield from unkept_stores(compose, others)
        yield from _unkept_files(project, compose, others)
    yield from unkept_pods(project)
    yield from drawn_keys(project)


def unkept_stores(compose: ComposeFile, others: list[ComposeFile]) -> Iterator[Sighting]:
    """Those of one compose file, which others beside it may complete."""
    if compose.stage in ("test", "development") or any(map(_is_for_developers, compose.services.values())):
        return
    for service in compose.services.values():
        kind = _kind(service)
        if (
            kind
            and not _is_kept(service, kind)
            and not any(_completes(other, compose, service) for other in others)
        ):
            yield _sighting(compose, service, kind)


def _unkept_files(project: Project, compose: ComposeFile, others: list[ComposeFile]) -> Iterator[Sighting]:
    """Uploads, and databases in files, of the services that are built here."""
    if compose.stage in ("test", "development") or any(map(_is_for_developers, compose.services.values())):
        return
    text = project.inventory.read_text(compose.path)
    told: set[Place] = set()
    for service in compose.services.values():
        passing = is_passing(f"{service.name} {service.target}") or "volumes_from" in text
        if not service.build or passing or any(_completes(other, compose, service) for other in others):
            continue
        lasts = _LASTING.search(service.restart) or compose.stage == "production"
        for found in unkept_files(project, compose, service):
            if found.place in told:
                continue
            told.add(found.place)
            yield Sighting(
                place=found.place,
                message=f"{found.what} is kept in the container of the service `{service.name}` of {compose.path}, which has no volume",
                severity=Severity.HIGH,
                confidence=Confidence.PROBABLE if lasts else Confidence.POSSIBLE,
                consequence="it is gone after the next deployment, which makes the container anew",
                remedy="put the folder on a volume with a name, or store it outside of the container",
                sites=(Place(path=service.path, line=service.line),),
                subject=service.name,
                cause=f"{compose.path}:{service.name}:{found.place.path}",
            )


def _is_for_developers(service: Service) -> bool:
    """Also where it is given the sources of a folder beside, or the variables of a development."""
    return (
        is_for_developers(service)
        or any(_CODE.match(volume) for volume in service.volumes)
        or any(stage_of(path) in ("test", "development") for path, _ in service.env_files)
    )


def _kind(service: Service) -> str:
    """The store that it is, where what it holds is meant to stay."""
    if service.build or service.tmpfs or service.profiles or service.entrypoint.listed:
        return ""
    command = service.command.listed[0].text if service.command.listed else ""
    databases = (
        line.value for line in service.environment.values() if line.name.endswith(("_DB", "_DATABASE"))
    )
    return lasting_store(service.image, command, _told(service), " ".join((service.name, *databases)))


def _told(service: Service) -> str:
    """Its command and its variables, in one line."""
    words = [part.text for part in (*service.entrypoint.listed, *service.command.listed)]
    return " ".join([*words, *(f"{line.name}={line.value}" for line in service.environment.values())])


def _is_kept(service: Service, kind: str) -> bool:
    """Whether a named volume or a folder of the host holds its folder, or one around or in it; or one that is not known."""
    places = [place for place in map(_place, service.volumes) if place]
    return holds(places, kind) or any(
        place.startswith("$") or (kind == "minio" and place in _told(service)) for place in places
    )


def _place(volume: str) -> str:
    """The folder in the container; empty for a volume without a name, of which `down` and `up` make a new one."""
    parts = _FILLED_IN.sub("$", volume).split(":")
    if len(parts) == 1:
        return "" if volume.startswith("/") else volume
    return parts[1].rstrip("/") if not re.fullmatch(r"[A-Za-z]", parts[0]) else parts[-1]


def _uses(part: Service, store: Service) -> bool:
    """Whether it is an application that waits for the store, or is told where it is."""
    if part.name == store.name or _TOOLS.search(f"{part.image} {part.name}") or store_of_image(part.image):
        return False
    told = (store.name in line.value for line in part.environment.values())
    return any(needed.name == store.name for needed in part.depends_on) or any(told)


def _completes(other: ComposeFile, compose: ComposeFile, service: Service) -> bool:
    """Whether another file of the folder gives the same service volumes, or is the one that is meant to be deployed."""
    folder = compose.path.rpartition("/")[0]
    same = other.services.get(service.name)
    return other.path.rpartition("/")[0] == folder and (
        (same is not None and bool(same.volumes)) or stage_of(other.path) == "production"
    )


def _sighting(compose: ComposeFile, service: Service, kind: str) -> Sighting:
    lasts = bool(_LASTING.search(service.restart)) or compose.stage == "production" or kind == "redis"
    lasts = lasts and any(_uses(part, service) for part in compose.services.values())
    return Sighting(
        place=Place(path=compose.path, line=service.line),
        message=f"what the service `{service.name}` ({service.image}) stores is on no volume with a name",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE if lasts else Confidence.POSSIBLE,
        consequence="all data is gone after the next `docker compose down`, or when the container is moved or pruned",
        remedy=f"give it a volume: `{service.name}_data:{FOLDERS[kind][0]}`",
        subject=service.name,
        cause=f"{compose.path}:{service.name}",
        reach=Reach.PROJECT,
    )  # fmt: skip


MODE = FailureMode(
    code="STT001",
    name="lost-on-restart",
    family=Family.STATE,
    summary="a store on no volume, gone when its container is made anew, or a key that each process draws for itself",
    consequence="what was stored or signed is lost with the next restart of the deployment",
    remedy="put the folder of the store on a volume with a name, and test that what was stored is there after a restart",
    source="Docker documentation, Volumes; the pages of the images postgres, mysql, mongo and redis: Where to Store Data",
    detector=detect_lost_on_restart,
    surest=Confidence.PROBABLE,
)
