"""Does a service know where its store is: does any code read the variables that say so?"""

import re
from typing import Final

from greenroom.project.project import Project
from greenroom.project.settings.compose import Service
from greenroom.project.settings.layers import Layers

_OF_DATABASE: Final = re.compile(
    r"^(?:\w+_)?(?:DATABASE|DB|SQL|POSTGRES\w*|PG|MYSQL|MARIADB|MONGO\w*)_?(?:URL|URI|DSN|HOST)$"
)


def is_told_to_nobody(project: Project, service: Service, store: Service) -> bool:
    """Whether all variables that name the store are read by no code, which reads the address of a database from others.

    `SQL_HOST=db` beside settings that take `DATABASE_URL`: they fall back on what they have.
    """
    layers = Layers(service, project.configuration)
    if layers.unknown_files or any(read.is_prefix for read in project.configuration.reads):
        return False
    naming = {line.name.upper() for line in service.environment.values() if _names(line.value, store.name)}
    read = {name.upper() for part in project.configuration.reads for name in part.names}
    given = {name.upper() for name in layers.names()}
    asked = {name for name in read if _OF_DATABASE.match(name)}
    return bool(naming) and bool(asked) and not (naming & read) and not (asked & given)


def _names(value: str, host: str) -> bool:
    return re.search(rf"(?:^|[@/]){re.escape(host)}(?:$|[:/])", value) is not None
