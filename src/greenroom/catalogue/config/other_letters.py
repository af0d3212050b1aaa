"""A variable that a deployment sets in other letters than the code reads: `REDIS_HOST` is not `redis_host` on Linux."""

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.project.project import Project
from greenroom.project.settings.declaration import Declaration
from greenroom.project.settings.variable_read import VariableRead

_DEPLOYS: Final = frozenset({"compose", "image", "kubernetes", "systemd"})
_NOT_DEPLOYED: Final = ("test", "development")


class OtherLetters(NamedTuple):
    """A name that the code reads, and that nothing that is deployed declares as it is spelled."""

    reads: tuple[VariableRead, ...]
    declared: Declaration
    """Where a deployment sets the same in other letters."""


def find_other_letters(project: Project) -> Iterator[OtherLetters]:
    """One for each name that the environment is asked for as it is spelled; settings classes mostly do not care."""
    spelled = project.configuration.by_name()
    deployed: dict[str, Declaration] = {}
    for name, declarations in spelled.items():
        for part in declarations:
            if part.source in _DEPLOYS and part.stage not in _NOT_DEPLOYED:
                deployed.setdefault(name.upper(), part)
    files = _folders_of_env_files(project)
    found: dict[str, list[VariableRead]] = defaultdict(list)
    for read in project.configuration.reads:
        known = any(
            part.source != "template" or _is_handed_over(part, files) for part in spelled.get(read.name, ())
        )
        if read.how == "environ" and len(read.names) == 1 and not known and read.name.upper() in deployed:
            found[read.name].append(read)
    for name, reads in found.items():
        yield OtherLetters(tuple(reads), deployed[name.upper()])


def _folders_of_env_files(project: Project) -> frozenset[str]:
    """Where the files lie that containers are given whole."""
    return frozenset(
        posixpath.dirname(path)
        for compose in project.configuration.compose.values()
        for service in compose.services.values()
        for path, _ in service.env_files
    )


def _is_handed_over(template: Declaration, folders: frozenset[str]) -> bool:
    """Whether what is copied from this template reaches a container as a whole."""
    return posixpath.dirname(template.path) in folders
