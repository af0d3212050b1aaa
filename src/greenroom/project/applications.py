"""Which files something in the repository starts, and which applications are among them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from greenroom.model.application import Application
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.calls.imported import imported_by
from greenroom.project.calls.symbols import Symbols
from greenroom.project.code.module import Module
from greenroom.project.declared.manifest import Manifest
from greenroom.project.files.inventory import Inventory
from greenroom.project.files.kind import FileKind
from greenroom.project.settings.configuration import Configuration
from greenroom.project.settings.processes import find_processes, moved_to

_TOLD = frozenset({"asgi", "flask", "aiohttp", "sanic"})
"""Frameworks whose applications are objects that a module makes; Django's is named by its settings."""
_SCRIPTS = re.compile(
    r"(?:.*/)?(?:[^/]+\.(?:sh|bash|zsh|ps1|bat|cmd|service|toml|cfg|ini|mk|ya?ml|tpl)|(?:gnu)?makefile|\.?justfile|"
    r"procfile[^/]*|package\.json|launch\.json|\.?flaskenv|\.env[^/]*|[^/]*dockerfile[^/]*|(?:bin|scripts?|docker)/[^/.]+)",
    re.IGNORECASE,
)
_DOCUMENTS = re.compile(r".*\.(?:service|ps1|bat|cmd|tpl)|(?:.*/)?launch\.json")
_RUNNERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "waitress"})
_SERVER = re.compile(
    r"\b(?:uvicorn|gunicorn|hypercorn|granian|daphne|waitress-serve|uwsgi|fastapi|flask|quart|sanic|adev|python3?|FLASK_APP|APP_MODULE)\b"
)
_TARGET = re.compile(r"(?<![\w/.-])([A-Za-z_][\w.]*):[A-Za-z_]\w*")
_FILE = re.compile(r"(?<![\w-])((?:[\w-]+/)*[\w-]+)\.py\b")
_MODULE = re.compile(r"(?:-m|--app|-A|FLASK_APP[=:])[ =]*[\"']?([A-Za-z_][\w.]*)")
_ALONE = re.compile(
    r"\s*(?:CMD|ENTRYPOINT|command:|-)?[\s\[]*[\"']?[A-Za-z_][\w./]*(?::[A-Za-z_]\w*|\.py)[\"']?[\]\s,\\]*"
)
"""One argument of a command that is written over several lines."""
_COPYING = re.compile(r"\s*(?:COPY|ADD|#|- \.?/)", re.IGNORECASE)
_LONGEST = 70
_LARGEST = 200_000


class Start(NamedTuple):
    """A line that starts a module."""

    place: Place
    module: Module
    is_deployment: bool
    """Part of an image, a compose file, a unit: no script that people or CI run."""


class LeftOver:
    """Which files lie beside one from which an image or a unit serves, while nothing imports or names them."""

    def __init__(
        self, configuration: Configuration, loaded: Mapping[str, list[Start]], symbols: Symbols
    ) -> None:
        self._named = configuration.mentioned | configuration.described
        self._loaded = loaded
        self._symbols = symbols

    def holds(self, path: str, applications: Iterable[str]) -> bool:
        """Whether a file is one, where these make the applications."""
        folder, _, name = path.rpartition("/")
        return (
            any(
                start.is_deployment and start.module.folder == folder
                for served in applications
                for start in self._loaded.get(served, ())
            )
            and name.removesuffix(".py") not in self._named
            and path not in self._imported
        )

    @cached_property
    def _imported(self) -> set[str]:
        importers = [module for module in self._symbols.modules() if module.kind is not FileKind.TEST]
        return {module.path for module in imported_by(importers, self._symbols)}


def find_loaded(
    configuration: Configuration, inventory: Inventory, manifest: Manifest, symbols: Symbols
) -> Mapping[str, list[Start]]:
    """Paths of all modules that a start loads, with the starts."""
    starts = [
        *_deployed(configuration, inventory, manifest, symbols),
        *_scripted(inventory, manifest, symbols),
    ]
    return _reached(starts, symbols)


def find_applications(
    routes: Iterable[Route], loaded: Mapping[str, list[Start]], left_over: LeftOver
) -> tuple[Application, ...]:
    """Every application that has a route, in the order of its first one.

    Args:
        routes: of all of them.
        loaded: what something starts, by path.
        left_over: what lies beside that, and is not.
    """
    groups: dict[tuple[str, str], list[Route]] = defaultdict(list)
    for route in routes:
        if route.application:
            groups[route.application, route.application_file].append(route)
    deployed = max(
        (
            len(hung)
            for (_, file), hung in groups.items()
            if any(start.is_deployment for start in loaded.get(file, ()))
        ),
        default=0,
    )

    files = [file for _, file in groups]

    def is_idle(file: str, hung: list[Route]) -> bool:
        # An application as large as those that are deployed is started somewhere that was not read.
        return hung[0].framework in _TOLD and (len(hung) < deployed or left_over.holds(file, files))

    return tuple(
        Application(
            name=name, file=file, framework=hung[0].framework, routes=len(hung),
            is_live=True if file in loaded else False if is_idle(file, hung) else None,
            started_by=tuple(dict.fromkeys(start.place for start in loaded.get(file, ()))),
        )
        for (name, file), hung in groups.items()
    )  # fmt: skip


# what is started


def _deployed(
    configuration: Configuration, inventory: Inventory, manifest: Manifest, symbols: Symbols
) -> Iterator[Start]:
    for process in find_processes(configuration, inventory, manifest, symbols):
        if process.module is not None:
            yield Start(
                Place(path=process.path, line=process.line, note=process.spelled),
                process.module,
                is_deployment=True,
            )


def _scripted(inventory: Inventory, manifest: Manifest, symbols: Symbols) -> Iterator[Start]:
    """Shell scripts, build files, CI, manifests of Kubernetes, console scripts."""
    described = [path for path in inventory.documents if _DOCUMENTS.fullmatch(path)]
    for path in (*inventory.other, *described):
        if _SCRIPTS.fullmatch(path) and not path.endswith(("lock", "lock.json")):
            text = inventory.read_text(path)
            if len(text) <= _LARGEST and _SERVER.search(text):
                yield from _in_text(path, text, symbols)
    for name, target in manifest.scripts.items():
        for module in symbols.namesakes(target.partition(":")[0].strip()):
            yield Start(Place(path="pyproject.toml", line=1, note=name), module, is_deployment=False)


def _in_text(path: str, text: str, symbols: Symbols) -> Iterator[Start]:
    for number, line in enumerate(text.splitlines(), start=1):
        if _COPYING.match(line) or not (_SERVER.search(line) or _ALONE.fullmatch(line)):
            continue
        names = [found[1] for pattern in (_TARGET, _MODULE) for found in pattern.finditer(line)]
        names += [found[1].replace("/", ".") for found in _FILE.finditer(line)]
        folder = moved_to(line.replace('"', " ").split(), path.rpartition("/")[0])
        for module in dict.fromkeys(module for name in names for module in _called(name, folder, symbols)):
            note = line.strip()
            yield Start(Place(path=path, line=number, note=note[:_LONGEST]), module, is_deployment=False)


def _called(name: str, folder: str, symbols: Symbols) -> list[Module]:
    """The modules of this name; of several those below the folder in which it is started."""
    known = [part for each in (name, f"{name}.__main__") for part in symbols.namesakes(each)
             if part.kind in (FileKind.PRODUCTION, FileKind.SCRIPT)]  # fmt: skip
    near = [part for part in known if part.path.startswith(f"{folder}/")] if folder else known
    return near or known


# what they load


def _reached(starts: Iterable[Start], symbols: Symbols) -> Mapping[str, list[Start]]:
    found: dict[str, list[Start]] = defaultdict(list)
    loads: dict[Module, tuple[Module, ...]] = {}
    by_module: dict[Module, list[Start]] = defaultdict(list)
    for start in starts:
        by_module[start.module].append(start)
    for module, begun in by_module.items():
        waiting, seen = [module], {module}
        while waiting:
            current = waiting.pop()
            found[current.path] += begun
            if current not in loads:
                loads[current] = tuple(_loaded(current, symbols))
            fresh = [part for part in loads[current] if part not in seen]
            seen.update(fresh)
            waiting += fresh
    return found


def _loaded(module: Module, symbols: Symbols) -> Iterator[Module]:
    """What a module imports, and what it names as servers do: `uvicorn.run("app.main:app")`."""
    for part in module.imports:
        target = symbols.imported_module(module, part.level, part.module)
        inner = symbols.submodule(target, part.name) if target is not None and part.name else None
        packages = part.module.split(".")[:-1] if not part.level else []
        around = [symbols.module(".".join(packages[: length + 1]), module) for length in range(len(packages))]
        yield from (each for each in (target, inner, *around) if each is not None)
    if any(part.module.partition(".")[0] in _RUNNERS for part in module.imports):
        for named in re.findall(rb"([A-Za-z_][\w.]*):[A-Za-z_]\w*", module.packed_bodies):
            known = symbols.namesakes(named.decode())
            folder = module.path.rpartition("/")[0]
            yield from [part for part in known if folder and part.path.startswith(f"{folder}/")] or known
