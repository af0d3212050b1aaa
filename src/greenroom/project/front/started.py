"""Files that are loaded without any import: by a framework that knows their folders, by a plugin of the build, by a page."""

import re
from collections.abc import Iterable, Mapping

from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.kind import FrontKind

_FOLDERS: Mapping[str, re.Pattern[str]] = {
    "nuxt": re.compile(
        r"(?:(?:src|app|client|layers/[^/]+(?:/app)?)/)?"
        r"(?:(?:components|composables|layouts|middleware|modules|pages|plugins|shared|stores?|utils)/|(?:app|error)\.vue$|app\.config\.)"
    ),
    "quasar": re.compile(r"src/(?:(?:boot|layouts|pages|router|stores?)/|App\.vue$)"),
}
"""Below the folder with the framework's configuration."""
_CONFIGURATION = re.compile(r"(?P<folder>(?:.*/)?)(?P<framework>nuxt|quasar)\.conf(?:ig)?\.[cm]?[jt]s")
_FINDERS = re.compile(
    r"unplugin-(?:vue-components|auto-import|vue-router|icons)|vite-plugin-(?:pages|vue-layouts|components)"
)
_FOUND = re.compile(r"src/(?:components|composables|hooks|layouts|pages|stores?|utils|views)/")


def started_without_import(files: Iterable[FrontFile]) -> list[FrontFile]:
    """Those that somebody loads though no import leads to them; a script that imports and exports nothing stands in a page."""
    production: list[FrontFile] = []
    rules: list[tuple[str, re.Pattern[str]]] = []
    for file in files:
        match = _CONFIGURATION.fullmatch(file.path)
        if match:
            rules.append((match["folder"], _FOLDERS[match["framework"]]))
        elif any(_FINDERS.match(part.source) for part in file.imports):
            rules.append((file.path[: file.path.rfind("/") + 1], _FOUND))
        elif file.kind is FrontKind.PRODUCTION:
            production.append(file)
    return [file for file in production if _is_script(file) or any(_is_below(file, *rule) for rule in rules)]


def _is_script(file: FrontFile) -> bool:
    return file.path.endswith(".js") and not file.imports and not file.exports and "require" not in file.words


def _is_below(file: FrontFile, folder: str, pattern: re.Pattern[str]) -> bool:
    return file.path.startswith(folder) and pattern.match(file.path, len(folder)) is not None
