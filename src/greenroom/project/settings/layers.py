"""What a compose service sees in the end: image under `env_file` under `environment`, as compose layers them."""

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.project.settings.compose import Service
from greenroom.project.settings.configuration import Configuration
from greenroom.project.settings.env_files import Line
from greenroom.project.settings.interpolation import resolved

_TEMPLATES: Final = (
    ".example",
    ".sample",
    ".template",
    ".dist",
    ".default",
    "-example",
    "-sample",
    "-template",
    "_example",
)


class Layer(NamedTuple):
    """One place that gives a service's variable a value."""

    value: str | None
    """None where it depends on what nobody here knows."""
    path: str
    line: int
    source: str
    """image · file · template · environment"""


class Layers:
    """The environments of one compose service."""

    def __init__(self, service: Service, configuration: Configuration) -> None:
        self._service = service
        self._configuration = configuration
        self.unknown_files: list[str] = []
        """Named by `env_file`, not in the repository, and without a template."""
        self._by_name: dict[str, list[Layer]] = defaultdict(list)
        shell, is_template = self._shell()
        for line, path, source in self._lines():
            value = resolved(line.value, shell)
            given = (
                value if line.name not in service.passed or source != "environment" else shell.get(line.name)
            )
            # The line may only name what the template says.
            is_of_template = is_template and source == "environment" and given != resolved(line.value, {})
            layer = Layer(given, path, line.line, "template" if is_of_template else source)
            self._by_name[line.name].append(layer)

    def names(self) -> list[str]:
        """The variables that some layer sets."""
        return list(self._by_name)

    def of(self, name: str) -> list[Layer]:
        """The layers that set a variable, the weakest first."""
        return self._by_name.get(name, [])

    def last(self, name: str) -> Layer | None:
        """The one that wins."""
        found = self._by_name.get(name)
        return found[-1] if found else None

    def _lines(self) -> Iterator[tuple[Line, str, str]]:
        image = self._configuration.images.get(self._service.dockerfile)
        for stage in reversed(image.built(self._service.target)) if image is not None else ():
            yield from ((line, image.path, "image") for line in stage.env.values() if image is not None)
        for path, _ in self._service.env_files:
            found = self.file_behind(path)
            if found:
                source = "file" if found == path else "template"
                yield from ((line, found, source) for line in self._configuration.env_files[found])
            else:
                self.unknown_files.append(path)
        yield from ((line, self._service.path, "environment") for line in self._service.environment.values())

    def file_behind(self, path: str) -> str:
        """The env file of this path, or the template that people copy to it; empty where there is neither."""
        known = self._configuration.env_files
        if path in known:
            return path
        folder, name = posixpath.split(path)
        plain = name.lstrip(".")
        candidates = [f"{name}{end}" for end in _TEMPLATES] + [f"{plain}{end}" for end in _TEMPLATES]
        candidates += [f"{end.lstrip('.-_')}.{plain}" for end in _TEMPLATES[:2]]
        return next((found for each in candidates if (found := posixpath.join(folder, each)) in known), "")

    def _shell(self) -> tuple[dict[str, str], bool]:
        """What compose puts in the place of `${NAME}`: the `.env` beside the file, or its template, and whether it is that."""
        own = posixpath.join(posixpath.dirname(self._service.path), ".env")
        path = self.file_behind(own)
        known: dict[str, str] = {}
        for line in self._configuration.env_files.get(path, ()):
            if line.value:
                value = resolved(line.value, known)
                known[line.name] = line.value if value is None else value
        return known, path != own
