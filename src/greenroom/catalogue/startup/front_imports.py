"""Relative imports of a front end that lead to no file, or to one whose name is written in other letters."""

import re
from collections.abc import Iterator
from posixpath import dirname, normpath
from typing import Final, NamedTuple

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.files.ignore import Globs
from greenroom.project.front.facts import Import
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.kind import FrontKind
from greenroom.project.project import Project

_MADE: Final = re.compile(
    r"(?:^|[/._-])(?:generated?|__generated__|gen|dist|build|out|lib|pkg|wasm|proto|protos|paraglide|graphql|codegen|auto-imports|"
    r"types|version|buildinfo|build-info|locales?|translations?|artifacts|abi|typechain|prisma|node_modules|vendor)(?:[/._-]|$)",
    re.IGNORECASE,
)
"""What a tool writes before the build, by its name."""
_VIRTUAL: Final = re.compile(r"[$*!]|/\+types(?:/|$)")
_WRITTEN_AS: Final = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
_BEGINS: Final = re.compile(r"(?:src/)?(?:main|index|app)\.[cm]?[jt]sx?", re.IGNORECASE)
_OF_FOLDERS: Final = re.compile(
    r'"(?:next|nuxt|@sveltejs/kit|gatsby|@remix-run/[\w-]+|expo-router|astro)"\s*:'
)
"""Frameworks that take pages by the folder in which they lie."""
_PAGES: Final = re.compile(r"(?:src/)?(?:pages|app|routes|layouts|plugins|middleware)/")
_DYNAMIC: Final = re.compile(r"\b(?:import|require)\(\s*(?:/\*.*?\*/\s*)?[\"'`]([^\"'`$]+)[\"'`]", re.DOTALL)


class _Wrong(NamedTuple):
    file: FrontFile
    part: Import
    target: str
    """The path that it says, without an ending of its own."""
    instead: str
    """The same path as it is on the disk, in other letters; empty where there is none."""


def front_imports(project: Project) -> Iterator[Sighting]:
    """One for each path, with all files that import it."""
    disk, programs = _Disk(project), _Programs(project)
    told: set[tuple[str, int, str]] = set()
    for file in project.front.files.values():
        if file.kind is FrontKind.PRODUCTION and not file.failed:
            for part in file.imports:
                if part.source.startswith(("./", "../")) and not part.is_type:
                    wrong = _wrong(disk, file, part)
                    place = file.path, part.line, part.source
                    if wrong is not None and place not in told:
                        told.add(place)
                        yield _sighting(programs, wrong)


def _wrong(disk: "_Disk", file: FrontFile, part: Import) -> _Wrong | None:
    source = re.split(r"[?#]", part.source)[0]
    path = normpath(f"{dirname(file.path)}/{source}")
    if path.startswith("..") or _VIRTUAL.search(part.source) or disk.has(path):
        return None
    instead = disk.in_other_letters(path)
    if not instead and (_MADE.search(path) or disk.is_ignored(path)):
        return None
    return _Wrong(file, part, path, instead)


def _sighting(programs: "_Programs", wrong: _Wrong) -> Sighting:
    said = (
        f"a file of that name is there in other letters only, `{wrong.instead}`: where names differ by them, the build ends"
        if wrong.instead
        else "there is no such file, and the build ends"
    )
    return Sighting(
        place=Place(path=wrong.file.path, line=wrong.part.line),
        message=f"`{wrong.part.source}` is imported, and {said}",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE if programs.uses(wrong.file.path) else Confidence.POSSIBLE,
        consequence="the pages cannot be built from what is in the repository",
        remedy="write the path as the file is called"
        if wrong.instead
        else "add the file, or take the import away",
        subject=wrong.part.source,
        cause=f"front:{_first_difference(wrong)}",
        reach=Reach.PROJECT,
    )


def _first_difference(wrong: _Wrong) -> str:
    """The first folder or file whose letters differ; the whole path where there is none."""
    said, there = wrong.target.split("/"), wrong.instead.split("/")
    pairs = zip(said, there, strict=False)
    differing = next((depth for depth, (one, other) in enumerate(pairs) if one != other), len(said))
    return "/".join(there[: differing + 1]) if wrong.instead else wrong.target


class _Programs:
    """Which files the programs of a project are made of: those that their beginnings import, and so on."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, set[str]] = {}

    def uses(self, path: str) -> bool:
        """Whether a program with a script that builds it comes to a file."""
        for folder in _around(path):
            text = self._project.inventory.read_text(f"{folder}/package.json".lstrip("/"))
            if text:
                if folder not in self._known:
                    self._known[folder] = self._reached(folder, text) if '"build' in text else set()
                return path in self._known[folder]
        return False

    def _reached(self, folder: str, text: str) -> set[str]:
        front = self._project.front
        by_folder = _OF_FOLDERS.search(text) is not None
        found: set[str] = set()
        queue = [path for path in front.files if _begins(path, folder, by_folder=by_folder)]
        while queue:
            path = queue.pop()
            if path not in found:
                found.add(path)
                file = front.files[path]
                sources = {part.source for part in file.imports} | {
                    part.source for part in file.exports if part.source
                }
                sources |= set(_DYNAMIC.findall(self._project.inventory.read_text(path)))
                targets = (front.lookup.imported(file, source) for source in sources)
                queue += [target.path for target in targets if target is not None]
        return found


def _begins(path: str, folder: str, *, by_folder: bool) -> bool:
    inner = path.removeprefix(f"{folder}/") if folder else path
    if folder and inner == path:
        return False
    return _BEGINS.fullmatch(inner) is not None or (by_folder and _PAGES.match(inner) is not None)


def _around(path: str) -> Iterator[str]:
    while path:
        path = dirname(path)
        yield path


class _Disk:
    """Which files lie where, in the letters in which they are written."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names: dict[str, frozenset[str]] = {}

    def has(self, path: str) -> bool:
        """Whether an import of this path finds something: the file, with an ending, as a folder."""
        folder, name = dirname(path), path.rpartition("/")[2]
        return self._is_there(folder) and any(_fits(each, name) for each in self._listed(folder))

    def in_other_letters(self, path: str) -> str:
        """The path of what is there but for its letters; empty where there is nothing."""
        folder, *rest = "", *path.split("/")
        for depth, name in enumerate(rest):
            is_last = depth == len(rest) - 1
            listed = self._listed(folder)
            exact = [each for each in listed if each == name or (is_last and _fits(each, name))]
            other = [
                each
                for each in listed
                if each.lower() == name.lower() or (is_last and _fits(each.lower(), name.lower()))
            ]
            if not (exact or other):
                return ""
            folder = f"{folder}/{min(exact or other)}".lstrip("/")
        return folder

    def is_ignored(self, path: str) -> bool:
        """Whether git is told to leave it out: something makes it."""
        for folder in _around(path):
            lines = self._project.inventory.read_text(f"{folder}/.gitignore".lstrip("/")).splitlines()
            inner = path.removeprefix(f"{folder}/") if folder else path
            if lines and any(
                Globs(tuple(lines)).match(inner + ending) for ending in ("", ".ts", ".js", ".json", "/")
            ):
                return True
        return False

    def _is_there(self, folder: str) -> bool:
        return not folder or (
            self._is_there(dirname(folder)) and folder.rpartition("/")[2] in self._listed(dirname(folder))
        )

    def _listed(self, folder: str) -> frozenset[str]:
        if folder not in self._names:
            try:
                self._names[folder] = frozenset(part.name for part in (self._project.root / folder).iterdir())
            except OSError:
                self._names[folder] = frozenset()
        return self._names[folder]


def _fits(there: str, name: str) -> bool:
    """Whether what lies there is what an import calls so: `Button`, `Button.tsx`, `Button.web.tsx`, `Button.js` for `Button.ts`."""
    stem, dot, ending = name.rpartition(".")
    written = _WRITTEN_AS.get(f".{ending}", ()) if dot else ()
    return (
        there == name or there.startswith(f"{name}.") or any(there == f"{stem}{other}" for other in written)
    )
