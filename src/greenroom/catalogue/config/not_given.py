"""Settings of which a service of a compose file is given most, and some are left out."""

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.catalogue.config.containers import Containers
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.settings.compose import Service
from greenroom.project.settings.declaration import is_template
from greenroom.project.settings.layers import Layers
from greenroom.project.settings.variable_read import VariableRead

_FEWEST: Final = 3
_SHARE: Final = 0.6
"""A service that is given so many, and so large a part, of what a class requires makes one of it."""


class NotGiven(NamedTuple):
    """What one class requires, and the first service that gives it the rest only."""

    service: Service
    scope: Scope
    reads: tuple[VariableRead, ...]
    given: int
    """How many others of the class the service does give."""


def find_not_given(project: Project) -> Iterator[NotGiven]:
    """One for each settings class and set of variables that is missing."""
    classes = _classes(project)
    told: set[tuple[Scope, tuple[str, ...]]] = set()
    for services in _services(project) if classes else ():
        known = _given(project, services)
        if known is None:
            continue
        for scope, required in classes.items():
            missing = tuple(part for part in required if known.isdisjoint(_upper(part)))
            key = (scope, tuple(part.name for part in missing))
            given = len(required) - len(missing)
            if not missing or key in told or given < max(_FEWEST, _SHARE * len(required)):
                continue
            if project.once(Containers).runs(services[0], scope.module) and _has_list(project, missing[0]):
                told.add(key)
                yield NotGiven(services[0], scope, missing, given)


def _classes(project: Project) -> dict[Scope, list[VariableRead]]:
    found: dict[Scope, list[VariableRead]] = defaultdict(list)
    for read in project.configuration.reads:
        if read.how == "settings" and read.required and not read.is_prefix:
            found[read.scope].append(read)
    return found


def _services(project: Project) -> Iterator[list[Service]]:
    """Each service that is built here, as all compose files of a folder together describe it."""
    groups: dict[tuple[str, str], list[Service]] = defaultdict(list)
    for compose in project.configuration.compose.values():
        for service in compose.services.values():
            groups[posixpath.dirname(compose.path), service.name].append(service)
    for services in groups.values():
        if any(service.build for service in services):
            yield sorted(services, key=lambda service: not service.build)


def _given(project: Project, services: list[Service]) -> frozenset[str] | None:
    """The variables that a service gets from anywhere, in upper case; None where a file of them is not known."""
    found: set[str] = set()
    for service in services:
        layers = Layers(service, project.configuration)
        if layers.unknown_files:
            return None
        found.update(layers.names())
        found.update(_words_of(project, service))
    return frozenset(name.upper() for name in found)


def _words_of(project: Project, service: Service) -> Iterator[str]:
    """Variables that the image, its command or a script beside it sets, or that a file read at the start does."""
    folder = "" if service.build == "." else f"{service.build}/"
    texts = [part.text for tree in (service.command, service.entrypoint) for part in tree.listed]
    texts.append(project.inventory.read_text(service.dockerfile))
    texts += [
        project.inventory.read_text(path)
        for path in project.inventory.other
        if path.startswith(folder) and path.endswith((".sh", ".bash"))
    ]
    spelled = " ".join(texts)
    yield from (
        name
        for read in project.configuration.reads
        if read.how == "settings"
        for name in read.names
        if name in spelled
    )
    for lines in project.configuration.env_files.values():
        yield from (line.name for line in lines)


def _has_list(project: Project, read: VariableRead) -> bool:
    """Whether a class that reads a file of its own has one, or a template of it, in the repository."""
    return not read.env_files or any(map(is_template, project.configuration.env_files))


def _upper(read: VariableRead) -> set[str]:
    return {name.upper() for name in read.names}
