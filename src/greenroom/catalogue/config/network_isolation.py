"""CFG004: two services that must talk, and cannot."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.project import Project
from greenroom.project.settings.addresses import Target, store_of_image, target_of, usual_port
from greenroom.project.settings.compose import ComposeFile, Service
from greenroom.project.settings.layers import Layer, Layers

_NONE = "none"
_OF_PYTHON = re.compile(
    r"python|\.py\b|celery|gunicorn|uvicorn|hypercorn|daphne|uwsgi|flask|django|manage|fastapi|alembic|dramatiq|huey|\brq\b|arq|worker|beat|migrate"
    r"|start|\.sh\b",
    re.IGNORECASE,
)
"""Words of commands that start the project's own code, or may."""


def detect_network_isolation(project: Project) -> Iterator[Sighting]:
    """The addresses that services are given, held against the networks and ports of whom they name."""
    for compose in project.configuration.compose.values():
        if _is_part(compose, project):
            continue
        for service in compose.services.values():
            layers = Layers(service, project.configuration)
            for name in layers.names():
                layer = layers.last(name)
                target = target_of(name, layer.value) if layer is not None and layer.value else None
                other = compose.answering(target.host) if target is not None else None
                if (
                    layer is not None
                    and target is not None
                    and other is not None
                    and other.name != service.name
                    and not _is_laid_over(service)
                    and not _is_laid_over(other)
                ):
                    for found in _judged(service, other, name, layer, target):
                        idle = _is_only_inherited(compose, service, other, name)
                        yield replace(found, confidence=Confidence.POSSIBLE) if idle else found


def _is_only_inherited(compose: ComposeFile, service: Service, other: Service, name: str) -> bool:
    """Whether the address stands in what several services share, one of them reaches the store, and this one runs something else.

    A bundler or a server of pages gets the environment of the base that it extends, and asks for none of it.
    """
    line = service.environment.get(name)
    words = " ".join(part.text for part in (*service.command.listed, *service.entrypoint.listed))
    return (
        line is not None
        and bool(words)
        and _OF_PYTHON.search(words) is None
        and all(part.name != other.name for part in service.depends_on)
        and any(
            part.environment.get(name) == line and part.on & other.on
            for part in compose.services.values()
            if part is not service
        )
    )


def _is_laid_over(service: Service) -> bool:
    """Whether it has nothing to run: another file makes the service, and says on which networks it is."""
    return not (service.image or service.build)


def _is_part(compose: ComposeFile, project: Project) -> bool:
    """Whether another file of the folder says more of the same services: only together they are what runs."""
    folder = compose.path.rpartition("/")[0]
    others = [
        other for path, other in project.configuration.compose.items()
        if path != compose.path and path.rpartition("/")[0] == folder
    ]  # fmt: skip
    if any(
        name in other.services
        for name, service in compose.services.items()
        if not (service.image or service.build)
        for other in others
    ):
        return True  # laid over another file, which makes its services
    if any(map(partial(_is_completed, compose), project.configuration.compose.values())):
        return True
    return any(
        name in compose.services and service.networks is not None and not (service.image or service.build)
        for other in (*others, compose)
        for name, service in other.services.items()
    )


def _is_completed(compose: ComposeFile, outer: ComposeFile) -> bool:
    """Whether a file of a folder around it puts services of the same names on networks, of which this one says nothing."""
    return compose.path.startswith(outer.path.rpartition("/")[0]) and any(
        service.networks is None
        and name in outer.services
        and outer.services[name].networks is not None
        and (service.image or service.build)
        for name, service in compose.services.items()
    )


def _judged(service: Service, other: Service, name: str, layer: Layer, target: Target) -> Iterator[Sighting]:
    if service.network_mode or other.network_mode:
        if _NONE in (service.network_mode, other.network_mode) and service.network_mode != other.network_mode:
            yield _apart(service, other, name, layer, Confidence.PROBABLE)
        return
    if not service.on & other.on and not service.links:
        sure = Confidence.POSSIBLE if layer.source == "template" else Confidence.PROBABLE
        yield _apart(service, other, name, layer, sure)
    elif target.port and (inner := _published_by_mistake(other, target.port)):
        yield Sighting(
            place=Place(path=layer.path, line=layer.line),
            message=f"`{name}` asks the service `{other.name}` on port {target.port}, which is the one on the host: in the "
            f"network it listens on {inner}",
            severity=Severity.HIGH,
            confidence=Confidence.POSSIBLE if layer.source == "template" else Confidence.PROBABLE,
            consequence="the connection is refused from every container, and works from the developer's machine",
            remedy=f"use port {inner}",
            subject=name,
            cause=f"{layer.path}:{service.name}:{other.name}:port",
        )


def _apart(service: Service, other: Service, name: str, layer: Layer, confidence: Confidence) -> Sighting:
    return Sighting(
        place=Place(path=layer.path, line=layer.line),
        message=f"`{name}` leads the service `{service.name}` to the service `{other.name}`, and the two share no network",
        severity=Severity.HIGH,
        confidence=confidence,
        sites=(Place(path=other.path, line=other.line),),
        subject=name,
        cause=f"{layer.path}:{service.name}:{other.name}",
    )


def _published_by_mistake(other: Service, port: str) -> str:
    """The container's port, where the given one is only the host's: sure of known servers that nobody reconfigured."""
    usual = usual_port(store_of_image(other.image))
    told = " ".join(part.text for part in (*other.command.listed, *other.entrypoint.listed))
    told += " ".join(f"{line.name}={line.value}" for line in other.environment.values())
    if not usual or port == usual or port in told:
        return ""
    return next(
        (inner for outer, inner in other.published() if outer.rpartition(":")[2] == port and inner == usual),
        "",
    )


MODE = FailureMode(
    code="CFG004",
    name="network-isolation",
    family=Family.CONFIG,
    summary="two services that must talk, and share no network or not the right port",
    consequence="the name does not resolve, or the connection is refused, although both containers are up",
    remedy="put both on one network, and let a test of the deployment open the connection",
    source="Docker documentation, Networking in Compose; FIELD report 2: networks between containers",
    detector=detect_network_isolation,
    surest=Confidence.PROBABLE,
)
