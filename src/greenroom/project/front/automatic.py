"""Names that a framework or a plugin of the build brings into every file: what `composables/` of Nuxt export, for one."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.kind import FrontKind

_NUXT = re.compile(r"(?P<folder>(?:.*/)?)nuxt\.config\.[cm]?[jt]s")
_OF_NUXT = re.compile(
    r"(?:(?:src|app|client|layers/[^/]+(?:/app)?)/)?(?:composables|utils|stores?|shared/utils)/[^/]+(?:/index)?\.[jt]s"
)
_PLUGIN = re.compile(r"unplugin-auto-import\b")
_OF_PLUGIN = re.compile(r"src/(?:composables|hooks|utils|stores?|api)/[^/]+(?:/index)?\.[jt]s")


class _Rule(NamedTuple):
    folder: str
    """All files below it see the names."""
    homes: Mapping[str, FrontFile]
    """By name: the file that exports it."""


class Automatic:
    """Of all files."""

    def __init__(self, files: Mapping[str, FrontFile]) -> None:
        self._rules = tuple(_rules(files.values()))

    def home(self, file: FrontFile, name: str) -> FrontFile | None:
        """The file whose export a name is, where the file itself neither defines nor imports it."""
        return next(
            (
                rule.homes[name]
                for rule in self._rules
                if name in rule.homes and file.path.startswith(rule.folder)
            ),
            None,
        )


def _rules(files: Iterable[FrontFile]) -> Iterator[_Rule]:
    files = tuple(files)
    for file in files:
        nuxt = _NUXT.fullmatch(file.path)
        if nuxt is not None:
            yield _Rule(nuxt["folder"], _exported(files, nuxt["folder"], _OF_NUXT))
        elif any(_PLUGIN.match(part.source) for part in file.imports):
            folder = file.path[: file.path.rfind("/") + 1]
            yield _Rule(folder, _exported(files, folder, _OF_PLUGIN))


def _exported(files: Iterable[FrontFile], folder: str, homes: re.Pattern[str]) -> dict[str, FrontFile]:
    return {
        part.name: file
        for file in files
        if file.kind is FrontKind.PRODUCTION
        and file.path.startswith(folder)
        and homes.fullmatch(file.path, len(folder))
        for part in file.exports
        if part.name != "default"
    }
