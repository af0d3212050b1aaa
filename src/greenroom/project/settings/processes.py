"""What a deployment starts: the commands of images, compose services, Procfiles and units, and which module each runs."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from greenroom.project.calls.symbols import Symbols
from greenroom.project.code.module import Module
from greenroom.project.declared.manifest import Manifest
from greenroom.project.files.inventory import Inventory
from greenroom.project.files.kind import FileKind
from greenroom.project.settings.compose import Service
from greenroom.project.settings.configuration import Configuration
from greenroom.project.settings.dockerfile import Image, command_words
from greenroom.project.settings.systemd import is_unit, lines_of
from greenroom.project.settings.tree import Tree

_PROCFILE: Final = re.compile(r"^\s*([\w-]+)\s*:\s*(\S.*)$")
_HOSTED: Final = re.compile(
    r"(?:.*/)?(?:railway\.(?:json|toml)|render\.ya?ml|nixpacks\.toml|fly\.toml|app\.ya?ml)", re.IGNORECASE
)
_TOLD_TO_HOSTS: Final = re.compile(
    r"""^\s*["']?(?:startCommand|start_command|cmd|entrypoint|app|web|worker)["']?\s*[:=]\s*(["']?)"""
    r"""(\S.*?\s.*?|\S*?[/.]\S*?)\1,?\s*$"""
)
"""A command has several words, or is a path: `app: shop` is a label."""
_EXEC: Final = re.compile(r"^ExecStart\s*=\s*(.+)$")
_SERVERS: Final = {"uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "waitress-serve", "uwsgi", "fastapi", "flask", "runserver"}  # fmt: skip
_NAMING: Final = frozenset({"-m", "-A", "--app", "--application", "--module"})
"""Options before the name of a module."""
_LONGEST: Final = 70
_APPLICATION: Final = re.compile(r"^([A-Za-z_][\w.]*):[A-Za-z_][\w.]*(?:\(.*\))?$")
_SCRIPT: Final = re.compile(
    r"(?:^|/)[^/\s]+\.(?:sh|bash)$|(?:^|/)(?:docker-)?(?:entrypoint|start|run)[^/\s.]*$"
)
_COMMAND_LINE: Final = re.compile(
    r"^\s*(?:exec\s+)?(?:[A-Z_]+=\S+\s+)*((?:uv run |poetry run )?(?:python3?|uvicorn|gunicorn|hypercorn|daphne|celery|"
    r"fastapi|flask|granian)\s.+?)(?:\s*&)?\s*$"
)
_CALLED_SCRIPT: Final = re.compile(r"[\w./-]+\.(?:ba)?sh\b")
_DEEPEST: Final = 3
_MOVES: Final = frozenset({"cd", "--chdir", "--app-dir", "--directory"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One command that a deployment runs."""

    words: tuple[str, ...]
    path: str
    """Of the file that says so."""
    line: int
    service: str
    """Of a compose file; empty for other files."""
    module: Module | None
    """Of the project, that the command runs or serves; None where it cannot be told."""
    scripts: tuple[str, ...]
    """Shell scripts of the project that it goes through."""

    @property
    def is_server(self) -> bool:
        """Whether it serves an application."""
        return any(posixpath.basename(word) in _SERVERS for word in self._flat)

    @property
    def _flat(self) -> list[str]:
        """The words, also those inside a text that a shell is given."""
        return [part for word in self.words for part in word.split()]

    @property
    def spelled(self) -> str:
        """As messages name it: its first words, on one line."""
        text = " ".join(self._flat)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"


def find_processes(
    configuration: Configuration, inventory: Inventory, manifest: Manifest, symbols: Symbols
) -> tuple[Process, ...]:
    """Every process of the deployment, in the order of the files."""
    return tuple(_Finder(configuration, inventory, manifest, symbols).find())


class _Finder:
    def __init__(
        self, configuration: Configuration, inventory: Inventory, manifest: Manifest, symbols: Symbols
    ) -> None:
        self._configuration = configuration
        self._inventory = inventory
        self._manifest = manifest
        self._symbols = symbols
        self._any = next(iter(symbols.modules()), None)

    def find(self) -> Iterator[Process]:
        for image in self._configuration.images.values():
            yield from self._of_image(image)
        for compose in self._configuration.compose.values():
            for service in compose.services.values():
                yield from self._of_service(service)
        for path in self._inventory.other:
            name = path.rpartition("/")[2].lower()
            if name.startswith("procfile"):
                yield from self._of_lines(path, _PROCFILE)
        for path in (*self._inventory.other, *self._inventory.documents):
            if is_unit(path):
                yield from self._of_lines(path, _EXEC)
            elif _HOSTED.fullmatch(path):
                yield from self._of_lines(path, _TOLD_TO_HOSTS)

    def _of_image(self, image: Image) -> Iterator[Process]:
        stages = image.built()
        command, at = next((part.command for part in stages if part.command[0]), ("", 0))
        entrypoint, start = next((part.entrypoint for part in stages if part.entrypoint[0]), ("", 0))
        words = (*command_words(entrypoint), *command_words(command))
        if words:
            yield self._process(words, image.path, start or at, "", posixpath.dirname(image.path))

    def _of_service(self, service: Service) -> Iterator[Process]:
        words = (*_words(service.entrypoint), *_words(service.command))
        if words and (service.build or self._is_ours(words)):
            line = service.command.line if service.command.value else service.entrypoint.line
            folder = service.build if service.build != "." else ""
            yield self._process(words, service.path, line, service.name, folder)

    def _is_ours(self, words: Iterable[str]) -> bool:
        return self._module_of(tuple(words), "") is not None

    def _of_lines(self, path: str, pattern: re.Pattern[str]) -> Iterator[Process]:
        for number, line in lines_of(self._inventory.read_text(path)):
            found = pattern.match(line)
            if found:
                words = tuple(command_words(found[found.re.groups]))
                yield self._process(words, path, number, "", posixpath.dirname(path))

    def _process(self, words: tuple[str, ...], path: str, line: int, service: str, folder: str) -> Process:
        folder = moved_to(words, folder)
        scripts = tuple(self._scripts(words, folder))
        module = self._module_of(words, folder) or self._in_scripts(scripts, folder)
        return Process(words=words, path=path, line=line, service=service, module=module, scripts=scripts)

    # shell scripts

    def _scripts(self, words: Iterable[str], folder: str) -> Iterator[str]:
        """Those that the words name, each once, and those that they call in their turn."""
        level, seen = list(words), set[str]()
        for _ in range(_DEEPEST + 1):
            parts = [part for word in level for part in word.split()]
            level = []
            for part in dict.fromkeys(parts):
                path = self._script(part, folder) if _SCRIPT.search(part) else ""
                if path and path not in seen:
                    seen.add(path)
                    yield path
                    called = _CALLED_SCRIPT.findall(self._inventory.read_text(path))
                    level += [each for each in called if each not in path]

    def _script(self, word: str, folder: str) -> str:
        """The file of the project that a path inside the container means: the nearest one of its name."""
        name = posixpath.basename(word)
        found = [path for path in self._inventory.other if posixpath.basename(path) == name]
        near = [path for path in found if path.startswith(f"{folder}/")] if folder else found
        return min(near or found, key=len, default="")

    def _in_scripts(self, scripts: Iterable[str], folder: str) -> Module | None:
        for path in scripts:
            for line in self._inventory.read_text(path).splitlines():
                found = _COMMAND_LINE.match(line)
                module = self._module_of(tuple(command_words(found[1])), folder) if found else None
                if module is not None and not module.path.endswith("manage.py"):
                    return module
        return None

    # modules

    def _module_of(self, words: tuple[str, ...], folder: str) -> Module | None:
        flat = [part for word in words for part in (word.split() if " " in word else [word])]
        is_served = False
        for before, word in zip(["", *flat], flat, strict=False):
            is_served = is_served or posixpath.basename(before) == "gunicorn"
            if before in _NAMING or (before == "-k" and "celery" in flat):
                found = self._named(word.partition(":")[0], folder)
            elif word.endswith(".py"):
                found = self._at(word, folder)
            elif match := _APPLICATION.match(word):
                found = self._named(match[1], folder)
            elif is_served and not before.startswith("-"):  # `gunicorn shop.wsgi`: its `application`
                found = self._named(word, folder)
            else:
                found = self._console_script(word)
            if found is not None:
                return found
        return None

    def _named(self, dotted: str, folder: str) -> Module | None:
        if not re.fullmatch(r"[A-Za-z_][\w.]*", dotted):
            return None
        known = [part for name in (f"{dotted}.__main__", dotted) for part in self._symbols.namesakes(name)]
        live = [part for part in known if part.kind in (FileKind.PRODUCTION, FileKind.SCRIPT)]
        near = [part for part in live if part.path.startswith(f"{folder}/")] if folder else live
        return min(near or live, key=lambda part: len(part.path), default=None)

    def _at(self, path: str, folder: str) -> Module | None:
        plain = path.lstrip("./")
        found = [
            part
            for part in self._symbols.modules()
            if part.path == plain or part.path.endswith(f"/{plain}") or plain.endswith(f"/{part.path}")
        ]
        near = [part for part in found if part.path.startswith(f"{folder}/")] if folder else found
        return min(near or found, key=lambda part: len(part.path), default=None)

    def _console_script(self, word: str) -> Module | None:
        target = self._manifest.scripts.get(posixpath.basename(word), "")
        home = target.partition(":")[0]
        return self._symbols.module(home, self._any) if home and self._any is not None else None


def moved_to(words: Iterable[str], folder: str) -> str:
    """The folder in which a command is started: `cd backend && uvicorn main:app`, `uvicorn --app-dir backend`."""
    flat = [part for word in words for each in word.split() for part in each.split("=", 1)]
    for before, word in pairwise(flat):
        if before in _MOVES and not word.startswith(("/", "$", "-")):
            folder = posixpath.normpath(posixpath.join(folder, word.strip("\"';&")))
    return "" if folder == "." else folder


def _words(tree: Tree) -> tuple[str, ...]:
    if tree.items:
        return tuple(part.text for part in tree.items)
    return tuple(command_words(tree.text)) if tree.text else ()
