"""The user, password and database that a store is made with, held against those that services open it with."""

import posixpath
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.catalogue.config.deployed_compose import is_deployed
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.project import Project
from greenroom.project.settings.addresses import store_of_image
from greenroom.project.settings.compose import ComposeFile, Service
from greenroom.project.settings.configuration import Configuration
from greenroom.project.settings.declaration import stage_of
from greenroom.project.settings.env_files import Line
from greenroom.project.settings.interpolation import resolved
from greenroom.project.settings.layers import Layer, Layers

_URL: Final = re.compile(
    r"^[a-z][a-z0-9+.-]*://(?P<user>[^:@/\s]+)(?::(?P<password>[^@/\s]*))?@(?P<host>[^:/?#@\s]+)(?::\d+)?/(?P<database>[\w-]+)?"
)
_MADE_WITH: Final = {
    "postgres": ("POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"),
    "mysql": ("MYSQL_USER", "MYSQL_PASSWORD", "MYSQL_DATABASE"),
}
_ENV_FILE: Final = re.compile(r"--env-file[=\s]+[\"']?([^\s\"'`]+)")
_ROOT: Final = frozenset({"root", "postgres"})


class _Difference(NamedTuple):
    what: str
    name: str
    """The variable of the store."""


def find_mismatches(compose: ComposeFile, project: Project) -> Iterator[Sighting]:
    """Addresses that name another user, password or database than the store of the same file is made with."""
    configuration = project.configuration
    for service in compose.services.values():
        layers = Layers(service, configuration)
        for name in layers.names():
            layer = layers.last(name)
            found = _URL.match(layer.value) if layer is not None and layer.value else None
            other = compose.answering(found["host"]) if found else None
            if layer is None or found is None or other is None or other.name == service.name:
                continue
            difference = _difference(found, other, configuration)
            if difference is not None and not (
                (
                    difference.what == "database" and stage_of(layer.path) == "test"
                )  # tests make one of their own
                or (
                    _is_the_same_there(
                        found[difference.what], other.environment.get(difference.name), layer, configuration
                    )
                    and _is_named_for_compose(project, compose, service, layer)
                )
            ):
                yield Sighting(
                    place=Place(path=layer.path, line=layer.line),
                    message=f"`{name}` opens the service `{other.name}` with another {difference.what} than its "
                    f"`{difference.name}` makes it with",
                    severity=Severity.HIGH,
                    confidence=Confidence.PROBABLE
                    if is_deployed(compose) and difference.what != "database"  # another may be made later
                    else Confidence.POSSIBLE,
                    consequence="the store refuses the connection, or answers from an empty database",
                    remedy="take both from one variable",
                    sites=(Place(path=other.path, line=other.line),),
                    subject=name,
                    cause=f"{layer.path}:{other.name}:{difference.what}",
                )


def _is_the_same_there(
    opened_with: str, written: Line | None, layer: Layer, configuration: Configuration
) -> bool:
    """Whether the file that has the address says what compose puts into the store's `${NAME:-default}`, too."""
    lines = {line.name: line.value for line in configuration.env_files.get(layer.path, ())}
    return written is not None and bool(lines) and resolved(written.value, lines) == opened_with


def _is_named_for_compose(project: Project, compose: ComposeFile, service: Service, layer: Layer) -> bool:
    """Whether a remark of the compose file, a script or a page starts it by `--env-file` with that file."""
    names = {posixpath.basename(path) for path in (layer.path, *(path for path, _ in service.env_files))}
    return any(
        posixpath.basename(given) in names
        for path in (compose.path, *project.inventory.documents)
        for given in _ENV_FILE.findall(project.inventory.read_text(path))
    )


def _difference(found: re.Match[str], other: Service, configuration: Configuration) -> _Difference | None:
    made_with = _MADE_WITH.get(store_of_image(other.image))
    if made_with is None or any("initdb" in volume for volume in other.volumes):
        return None
    layers = Layers(other, configuration)
    if layers.unknown_files:
        return None
    user, password, database = (layers.last(name) for name in made_with)
    if user is not None and user.value and found["user"] not in (user.value, *_ROOT):
        return _Difference("user", made_with[0])
    same_user = found["user"] not in _ROOT or (user is not None and user.value == found["user"])
    if (
        same_user
        and password is not None
        and password.value
        and found["password"]
        and found["password"] != password.value
    ):
        return _Difference("password", made_with[1])
    if database is not None and database.value and found["database"] not in (None, database.value, *_ROOT):
        return _Difference("database", made_with[2])
    return None
