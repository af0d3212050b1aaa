"""Compose files that start the product for tests: beside it, or from a pipeline."""

import re
from typing import Final

from greenroom.catalogue.config.containers import Containers
from greenroom.project.code.module import Module
from greenroom.project.project import Project
from greenroom.project.settings.compose import Service

_OF_TESTS: Final = re.compile(r"(?<![a-z])(?:tests?|pytest|e2e)(?![a-z])", re.IGNORECASE)
PIPELINE: Final = re.compile(
    r"(?:^|/)\.github/workflows/|\.gitlab-ci|\.circleci/|azure-pipelines|jenkinsfile", re.IGNORECASE
)
_UP: Final = re.compile(r"^[^#\n]*\bdocker[- ]compose\b[^\n]*?\bup\b([^\n]*)$", re.MULTILINE)
WAITS: Final = re.compile(r"\b(?:curl|wget|wait-on|wait-for-it)\b|--wait\b")
RUNS_TESTS: Final = re.compile(
    r"\b(?:pytest|playwright test|cypress run|(?:run |npm |yarn |make )\S*(?:test|e2e)\S*)"
)


def is_brought_up_in_pipeline(project: Project, module: Module) -> bool:
    """Whether a pipeline has compose start the server of a module, waits until it answers, and then runs tests."""
    inventory = project.inventory
    told = [
        set(found[1].split())
        for path in inventory.other
        if PIPELINE.search(path)
        for text in (inventory.read_text(path),)
        for found in _UP.finditer(text)
        if WAITS.search(text, found.start()) and RUNS_TESTS.search(text, found.start())
    ]
    serving = _services_of(project, module) if told else set()
    return any(named & serving or (serving and not _names_services(named)) for named in told)


def _services_of(project: Project, module: Module) -> set[str]:
    containers = project.once(Containers)
    return {
        service.name
        for compose in project.configuration.compose.values()
        for service in compose.services.values()
        if containers.runs(service, module)
    }


def _names_services(words: set[str]) -> bool:
    """Whether what follows `up` says more than options: without a name, all are started."""
    return any(word[0].isalpha() for word in words)


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
