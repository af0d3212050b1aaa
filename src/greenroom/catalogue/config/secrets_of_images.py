"""Secrets that an image brings along: `ENV SECRET_KEY=…` in the stage that is deployed."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.catalogue.config.secret_names import Kind, is_placeholder, kind_of
from greenroom.model.finding import Confidence
from greenroom.project.project import Project
from greenroom.project.settings.compose import Service, is_for_developers
from greenroom.project.settings.declaration import stage_of
from greenroom.project.settings.dockerfile import Image
from greenroom.project.settings.env_files import Line
from greenroom.project.settings.interpolation import resolved

_PASSING: Final = ("development", "test")


class SecretOfImage(NamedTuple):
    """A variable of an image, and how sure it is that deployments keep its value."""

    path: str
    line: Line
    kind: Kind
    confidence: Confidence


def secrets_of_images(project: Project) -> Iterator[SecretOfImage]:
    """Every key or password that the code reads, with the value that the image gives it for good."""
    read = {name.upper() for part in project.configuration.reads for name in part.names}
    for image in project.configuration.images.values():
        if stage_of(image.path) in _PASSING:
            continue
        services = list(_services(project, image))
        given = {name for service in services for name in service.environment}
        for line in _kept(image, services):
            kind = kind_of(line.name)
            if (
                kind in (Kind.SIGNING, Kind.LOGIN)
                and line.name.upper() in read
                and not is_placeholder(kind, line.value)
            ):
                sure = Confidence.POSSIBLE if line.name in given else Confidence.PROBABLE
                yield SecretOfImage(image.path, line, kind, sure)


def _services(project: Project, image: Image) -> Iterator[Service]:
    """The services that are made of the image, without those of people who work on it."""
    for compose in project.configuration.compose.values():
        for service in compose.services.values():
            names = (compose.path, service.name, service.target)
            passing = any(stage_of(name) in _PASSING for name in names) or is_for_developers(service)
            if service.dockerfile == image.path and not passing:
                yield service


def _kept(image: Image, services: list[Service]) -> Iterator[Line]:
    """The variables of the stages that are deployed, with the defaults of the build's arguments put in."""
    for target in dict.fromkeys(service.target for service in services) or ("",):
        stages = image.built(target)
        if stage_of(stages[0].name) in _PASSING:
            continue
        arguments = {name: line.value for stage in image.stages for name, line in stage.args.items()}
        found: dict[str, Line] = {}
        for stage in reversed(stages):
            found |= stage.env
        for line in found.values():
            value = resolved(line.value, arguments)
            if value is not None:
                yield line._replace(value=value)
