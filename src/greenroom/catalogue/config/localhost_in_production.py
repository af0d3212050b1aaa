"""CFG003: in a container, `localhost` is the container."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.config.containers import Containers
from greenroom.catalogue.config.deployed_compose import is_deployed
from greenroom.catalogue.config.templates import Templates
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.project import Project
from greenroom.project.settings.addresses import Target, is_for_others, store_of, store_of_image, target_of
from greenroom.project.settings.compose import ComposeFile, Service, is_for_developers
from greenroom.project.settings.declaration import stage_of
from greenroom.project.settings.layers import Layer, Layers

_CONTAINERS: Final = re.compile(
    r"(?:aws_lambda_function|aws_ecs_task_definition|google_cloud_run\w*|google_cloudfunctions\w*|azurerm_container_app"
    r"|azurerm_(?:linux|windows)_function_app|kubernetes_(?:deployment|cron_job|job|stateful_set|daemonset)(?:_v1)?)\."
)
"""Resources of Terraform whose processes run in a container of their own."""


def detect_localhost(project: Project) -> Iterator[Sighting]:
    """What compose services and pods are given, and what they fall back to where they are given nothing."""
    containers, templates = project.once(Containers), Templates(project)
    for compose in project.configuration.compose.values():
        for service in compose.services.values():
            if service.network_mode or containers.holds_several_processes(service):
                continue
            layers = Layers(service, project.configuration)
            yield from _given(compose, service, layers, containers, templates)
            yield from _fallen_back(project, compose, service, layers, containers)
    yield from _in_pods(project)
    yield from _in_terraform(project)


def _given(
    compose: ComposeFile, service: Service, layers: Layers, containers: Containers, templates: Templates
) -> Iterator[Sighting]:
    for name in layers.names():
        layer = layers.last(name)
        target = target_of(name, layer.value) if layer is not None and layer.value else None
        if layer is None or target is None or not target.is_local or is_for_others(name):
            continue
        if containers.listens_on(service, target.port) or (
            layer.source == "template" and templates.are_overridden(name)
        ):
            continue
        wanted = store_of(name, target)
        other = containers.store_for(compose, wanted, service)
        is_read = containers.is_read_by(service, name)
        confidence = _confidence(compose, layer, wanted, other, is_read=is_read)
        if other is None and is_read and _leads_nowhere(compose, layer, target):
            confidence = Confidence.PROBABLE
        if confidence is not None:
            sure = _is_said_to_it(layer) and (
                is_deployed(compose) or _is_beside_it(service, layer, other, is_read=is_read)
            )
            yield _sighting(service, name, layer, other, confidence if sure else Confidence.POSSIBLE)


def _is_said_to_it(layer: Layer) -> bool:
    """Whether the service itself is given the value, or a file of production has it.

    A template is changed when it is copied, and a file for everybody reaches services that never ask.
    """
    return layer.source == "environment" or (layer.source == "file" and stage_of(layer.path) == "production")


def _is_beside_it(service: Service, layer: Layer, other: Service | None, *, is_read: bool) -> bool:
    """Whether the file that gives the address starts the server, too: whoever starts this service meets it."""
    return layer.source == "environment" and other is not None and is_read and not is_for_developers(service)


def _leads_nowhere(compose: ComposeFile, layer: Layer, target: Target) -> bool:
    """Whether the file itself gives the address, and its port is that of nobody whom a browser on the host reaches."""
    return (
        layer.source == "environment"
        and compose.stage not in ("test", "development")
        and bool(target.port)
        and not any(target.port in ports for each in compose.services.values() for ports in each.published())
    )


def _confidence(
    compose: ComposeFile, layer: Layer, wanted: str, other: Service | None, *, is_read: bool
) -> Confidence | None:
    staged = stage_of(layer.path) or compose.stage
    if staged in ("test", "development"):
        return Confidence.POSSIBLE if other is not None and wanted and is_read else None
    if not wanted:
        return Confidence.PROBABLE if staged == "production" and is_read else None
    if other is None:
        return Confidence.POSSIBLE
    return Confidence.PROBABLE


def _sighting(
    service: Service, name: str, layer: Layer, other: Service | None, confidence: Confidence
) -> Sighting:
    instead = f": the server is the service `{other.name}`" if other is not None else ""
    return Sighting(
        place=Place(path=layer.path, line=layer.line),
        message=f"`{name}` leads the service `{service.name}` to localhost, which in its container is the container "
        f"itself{instead}",
        severity=Severity.HIGH,
        confidence=confidence,
        remedy=f"name the service `{other.name}` in its place" if other is not None else "",
        subject=name,
        cause=f"{layer.path}:{other.name if other is not None else name}",
    )


def _fallen_back(
    project: Project, compose: ComposeFile, service: Service, layers: Layers, containers: Containers
) -> Iterator[Sighting]:
    """A default of the code that holds because the service is told nothing, beside a server of just that kind."""
    if layers.unknown_files or compose.stage in ("test", "development"):
        return
    given = {name.upper() for name in layers.names()}
    for read in project.configuration.reads:
        default = read.default if isinstance(read.default, str) else ""
        target = target_of(read.name, default)
        if target is None or not target.is_local or is_for_others(read.name):
            continue
        if any(name.upper() in given for name in read.names) or not containers.runs(
            service, read.scope.module
        ):
            continue
        wanted = store_of(read.name, target)
        other = containers.store_for(compose, wanted, service)
        if other is None or containers.knows(layers, wanted) or containers.listens_on(service, target.port):
            continue
        yield Sighting(
            place=Place(path=read.scope.path, line=read.line, symbol=read.scope.qualname),
            message=f"`{read.name}` falls back to localhost, and nobody tells the service `{service.name}` of "
            f"{service.path} that the server is the service `{other.name}`",
            severity=Severity.HIGH,
            confidence=Confidence.POSSIBLE,
            remedy=f"give the service `{service.name}` its `{read.name}`",
            subject=read.name,
            cause=f"{compose.path}:{read.name}",
        )


def _in_pods(project: Project) -> Iterator[Sighting]:
    for manifests in project.configuration.manifests.values():
        if stage_of(manifests.path) in ("test", "development"):
            continue
        for container in manifests.containers:
            for name, line in container.env.items():
                target = target_of(name, line.value)
                if (
                    target is None
                    or not target.is_local
                    or is_for_others(name)
                    or store_of_image(container.image)
                ):
                    continue
                if store_of(name, target) and not container.companions:
                    yield Sighting(
                        place=Place(path=manifests.path, line=line.line),
                        message=f"`{name}` leads the container `{container.name}` to localhost, and it is alone in its pod",
                        severity=Severity.HIGH,
                        confidence=Confidence.PROBABLE,
                        subject=name,
                    )


def _in_terraform(project: Project) -> Iterator[Sighting]:
    told: set[tuple[str, int]] = set()
    for environment in project.configuration.terraform:
        if (
            not environment.alone
            or store_of_image(environment.image)
            or not _CONTAINERS.match(environment.owner)
        ):
            continue
        for part in environment.given:
            target = target_of(part.name, part.value or "")
            if target is None or not target.is_local or is_for_others(part.name) or part.written in told:
                continue
            if store_of(part.name, target) and stage_of(part.written[0]) not in ("test", "development"):
                told.add(part.written)
                yield Sighting(
                    place=Place(path=part.written[0], line=part.written[1]),
                    message=f"`{part.name}` leads `{environment.owner}` to localhost, and no other container shares its network",
                    severity=Severity.HIGH,
                    confidence=Confidence.PROBABLE,
                    subject=part.name,
                )


MODE = FailureMode(
    code="CFG003",
    name="localhost-in-production",
    family=Family.CONFIG,
    summary="an address of a deployment that leads a container to itself",
    consequence="every connection is refused, although the server runs next door",
    remedy="name the server as other containers reach it, and let the tests run in containers once",
    source="Docker documentation, Networking in Compose; FIELD report 2: `localhost` against container names",
    detector=detect_localhost,
    surest=Confidence.PROBABLE,
)
