"""What runs in the containers of a compose file, and who reaches whom."""

import re
from typing import Final

from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.settings.addresses import fits, store_of, store_of_image, target_of
from greenroom.project.settings.compose import ComposeFile, Service
from greenroom.project.settings.layers import Layers

_SEVERAL: Final = re.compile(
    r"supervisord?|s6-overlay|runit|redis-server|postgresql(?:-\d+)?\s|honcho|foreman|mysqld", re.IGNORECASE
)
_PYTHON: Final = re.compile(r"python|\bpip\b|\buv\b|poetry|pipenv|conda|gunicorn|uvicorn", re.IGNORECASE)
_EXPOSED: Final = re.compile(r"^\s*EXPOSE\s+(.+)$", re.IGNORECASE | re.MULTILINE)
_PORT_OPTION: Final = re.compile(r"(?:--(?:port|bind|http-port)[= ]|-p |-b |:)\"?(?:[\d.]+:)?(\d{2,5})\b")


class Containers:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._read = {name.upper() for read in project.configuration.reads for name in read.names}
        self._without_python: dict[str, bool] = {}

    def runs(self, service: Service, module: Module) -> bool:
        """Whether the service's image is built from the folder of a file of production."""
        if module.kind is not FileKind.PRODUCTION or not service.build:
            return False
        inside = service.build == "." or module.path.startswith(f"{service.build}/")
        return inside and not self._is_without_python(service.dockerfile)

    def _is_without_python(self, recipe: str) -> bool:
        """Whether an image is that of a front end which is built beside."""
        if recipe not in self._without_python:
            text = self._project.inventory.read_text(recipe)
            self._without_python[recipe] = bool(text) and not _PYTHON.search(text)
        return self._without_python[recipe]

    def runs_python(self, service: Service) -> bool:
        """Whether the service is built from a folder with production code of this project."""
        return any(self.runs(service, module) for module in self._project.production())

    def is_read_by(self, service: Service, name: str) -> bool:
        """Whether the Python code in the service's image reads the variable."""
        return any(
            name.upper() in (each.upper() for each in read.names)
            and (self.runs(service, read.scope.module) or not service.build)
            for read in self._project.configuration.reads
        )

    def listens_on(self, service: Service, port: str) -> bool:
        """Whether the service itself listens on a port."""
        if not port:
            return False
        own = {inner.partition("/")[0] for _, inner in service.published()}
        own |= {part.partition("/")[0] for part in service.ports if ":" not in part}
        text = self._project.inventory.read_text(service.dockerfile) if service.dockerfile else ""
        for exposed in _EXPOSED.findall(text):
            own |= {word.partition("/")[0] for word in exposed.split()}
        command = " ".join(part.text for part in (*service.command.listed, *service.entrypoint.listed))
        own |= set(_PORT_OPTION.findall(f"{command} {text}"))
        return port in own

    def holds_several_processes(self, service: Service) -> bool:
        """Whether the image starts more than one server, so that localhost may well be right."""
        text = self._project.inventory.read_text(service.dockerfile) if service.dockerfile else ""
        return _SEVERAL.search(text) is not None

    def store_for(self, compose: ComposeFile, wanted: str, asking: Service) -> Service | None:
        """Another service of the file that is a store of the wanted kind."""
        for service in compose.services.values():
            if service.name == asking.name or service.profiles - asking.profiles:
                continue
            if fits(wanted, store_of_image(service.image)):
                return service
        return None

    @staticmethod
    def knows(layers: Layers, wanted: str) -> bool:
        """Whether some other variable of the service leads to a store of the kind, or lets it be chosen."""
        for name in layers.names():
            layer = layers.last(name)
            value = layer.value if layer is not None else None
            target = target_of(name, value) if value else None
            kind = store_of(name, target)
            if (
                kind
                and (kind == wanted or fits(wanted, kind) or fits(kind, wanted))
                and (target is None or not target.is_local)
            ):
                return True
        return False
