"""Which file an import means: relative paths, aliases of the build tools, packages of the workspace."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from posixpath import normpath
from typing import Any

from greenroom.project.files.notations import parse_json
from greenroom.project.front.front_file import FrontFile

_ENDINGS = ("", ".ts", ".tsx", ".js", ".jsx", ".vue", ".svelte", ".mjs", ".mts", ".cjs",
            "/index.ts", "/index.tsx", "/index.js", "/index.jsx", "/index.vue", "/index.mjs")  # fmt: skip
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_ALIAS = re.compile(
    r"""["']?(?P<name>[@~#$]?[\w@~#$/-]*)["']?\s*:\s*(?:\w+\.)?(?:resolve|join|fileURLToPath)\s*\(\s*"""
    r"""(?:__dirname\s*,\s*|new\s+URL\s*\(\s*|process\.cwd\(\)\s*,\s*)?["'](?P<path>[^"']+)["']"""
)
_USUAL = {"@/": ("src/", "", "app/"), "~/": ("src/", "", "app/"), "~~/": ("",), "@@/": ("",), "src/": ("src/",),
          "$lib/": ("src/lib/",), "#/": ("src/", "")}  # fmt: skip


class ModulePaths:
    """Finds files by what imports call them."""

    def __init__(
        self, files: Mapping[str, FrontFile], settings: Iterable[str], read_text: Callable[[str], str]
    ) -> None:
        """Take `tsconfig*.json`, `jsconfig.json`, `package.json` and build configurations as settings."""
        self._files = files
        self._aliases: list[tuple[str, str, tuple[str, ...]]] = []
        self._bases: list[tuple[str, str]] = []
        self._packages: dict[str, str] = {}
        self._known: dict[tuple[str, str], FrontFile | None] = {}
        for path in settings:
            self._read_settings(path, read_text)
        self._aliases.sort(key=lambda alias: (-len(alias[0]), -len(alias[1])))

    def find(self, source: str, importer: str) -> FrontFile | None:
        """The file that an import means; None for a library, or for what is not there."""
        key = (source, importer.rpartition("/")[0])
        if key not in self._known:
            found = (self._at(place) for place in self._places(source.partition("?")[0], key[1]))
            self._known[key] = next((file for file in found if file is not None), None)
        return self._known[key]

    def _places(self, source: str, folder: str) -> Iterator[str]:
        if source.startswith("."):
            yield f"{folder}/{source}"
        elif source.startswith("/"):
            yield from (f"{outer}{source}" for outer in _around(folder))
        else:
            yield from self._aliased(source, folder)
            yield from self._packaged(source)
            for alias, targets in _USUAL.items():
                if source.startswith(alias):
                    rest = source[len(alias) :]
                    yield from (f"{outer}/{target}{rest}" for outer in _around(folder) for target in targets)

    def _aliased(self, source: str, folder: str) -> Iterator[str]:
        for home, alias, targets in self._aliases:
            fits = source.startswith(alias) if alias.endswith("/") else source == alias
            if fits and _is_below(folder, home):
                yield from (target + source[len(alias) :] for target in targets)
        for home, base in self._bases:
            if _is_below(folder, home):
                yield f"{base}/{source}"

    def _packaged(self, source: str) -> Iterator[str]:
        for name, home in self._packages.items():
            if source == name or source.startswith(f"{name}/"):
                rest = source[len(name) :].strip("/")
                yield from (f"{home}/{place}{rest or 'index'}" for place in ("src/", "", "lib/"))

    def _at(self, place: str) -> FrontFile | None:
        path = normpath(place.lstrip("/"))
        for ending in _ENDINGS:
            found = self._files.get(path + ending)
            if found is not None:
                return found
        if path.endswith((".js", ".jsx", ".mjs")):  # TypeScript is imported by the name that it will have
            stem = path.rpartition(".")[0]
            return self._files.get(f"{stem}.ts") or self._files.get(f"{stem}.tsx")
        return None

    def _read_settings(self, path: str, read_text: Callable[[str], str]) -> None:
        home, _, name = path.rpartition("/")
        text = read_text(path)
        if not name.endswith(".json"):
            for match in _ALIAS.finditer(text):
                target = normpath(f"{home}/{match['path']}").lstrip("/")
                alias = match["name"].rstrip("/")
                if alias:
                    self._aliases.append((home, f"{alias}/", (f"{target}/",)))
            return
        content = _parse(text)
        if name == "package.json":
            if isinstance(content.get("name"), str) and home:
                self._packages[content["name"]] = home
            return
        options = content.get("compilerOptions")
        if isinstance(options, dict):
            self._read_options(home, options)

    def _read_options(self, home: str, options: dict[str, Any]) -> None:
        base = options.get("baseUrl")
        root = normpath(f"{home}/{base}") if isinstance(base, str) else home
        if isinstance(base, str):
            self._bases.append((home, root))
        paths = options.get("paths")
        for alias, targets in paths.items() if isinstance(paths, dict) else ():
            listed = (
                [target for target in targets if isinstance(target, str)] if isinstance(targets, list) else []
            )
            self._aliases.append(
                (home, alias.removesuffix("*"),
                 tuple(normpath(f"{root}/{target.removesuffix('*')}").lstrip("/") + ("/" if target.endswith("*") else "")
                       for target in listed))
            )  # fmt: skip


def _parse(text: str) -> dict[str, Any]:
    """JSON with comments and commas too many."""
    plain = _TRAILING_COMMA.sub(r"\1", _COMMENT.sub(lambda match: match[1] or "", text))
    try:
        found = parse_json(plain)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _around(folder: str) -> Iterator[str]:
    """The folder and all around it, with the root."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def _is_below(folder: str, home: str) -> bool:
    return not home or folder == home or folder.startswith(f"{home}/")
