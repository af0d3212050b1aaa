"""Compose files that start the product, and tests beside it."""

import re
from typing import Final

from greenroom.catalogue.config.containers import Containers
from greenroom.project.code.module import Module
from greenroom.project.project import Project
from greenroom.project.settings.compose import Service

_OF_TESTS: Final = re.compile(r"(?<![a-z])(?:tests?|pytest|e2e)(?![a-z])", re.IGNORECASE)


def is_composed_for_tests(project: Project, module: Module) -> bool:
    """Whether a compose file for tests builds the server of a module, and has tests wait for it."""
    containers = project.once(Containers)
    for compose in project.configuration.compose.values():
        services = compose.services.values() if compose.stage == "test" else ()
        waited_for = {
            part.name
            for service in services
            if _OF_TESTS.search(_said(service))
            for part in service.depends_on
        }
        if any(
            service.name in waited_for
            and containers.runs(service, module)
            and not _OF_TESTS.search(_started(service))
            for service in services
        ):
            return True
    return False


def _started(service: Service) -> str:
    return " ".join(part.text for part in (*service.command.listed, *service.entrypoint.listed))


def _said(service: Service) -> str:
    """Its name, what it starts, and the folders that are laid into it."""
    return " ".join((service.name, _started(service), service.build, *service.volumes))
