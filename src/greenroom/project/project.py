"""The audited project as data: what every detector is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from greenroom.model.application import Application
from greenroom.model.history import Deletion
from greenroom.model.integration_point import IntegrationPoint
from greenroom.model.route import Route
from greenroom.model.settings import Settings
from greenroom.project.applications import LeftOver, Start, find_applications, find_loaded
from greenroom.project.calls.graph import CallGraph
from greenroom.project.calls.infer import Inference
from greenroom.project.calls.resolution import resolve_calls
from greenroom.project.calls.stores import Stores
from greenroom.project.calls.symbols import Symbols
from greenroom.project.code.module import Module
from greenroom.project.code.reading import Progress, read_modules
from greenroom.project.collector import collector_paused
from greenroom.project.contract.join import Contract
from greenroom.project.declared.commands import TestCommand, read_commands
from greenroom.project.declared.manifest import Manifest, read_manifest
from greenroom.project.files.inventory import Inventory, take_inventory
from greenroom.project.files.kind import FileKind
from greenroom.project.front.front import Front, read_front
from greenroom.project.integration import find_integration_points
from greenroom.project.libraries.library import EffectFiles, Effects
from greenroom.project.replaced import Replacements
from greenroom.project.settings.configuration import Configuration, read_configuration
from greenroom.project.settings.processes import Process, find_processes
from greenroom.project.testing.suite import Suite, read_suite
from greenroom.project.web.entries import Entries, find_entries
from greenroom.project.web.requests import Requests, find_requests
from greenroom.project.web.routes import find_routes

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything that was read; nothing of the project was run."""

    root: Path
    settings: Settings
    inventory: Inventory
    manifest: Manifest
    commands: tuple[TestCommand, ...]
    modules: dict[str, Module]
    """By relative path, all kinds."""
    symbols: Symbols
    effects: Effects
    inference: Inference
    graph: CallGraph
    routes: tuple[Route, ...]
    mounts: tuple[Route, ...]
    """Beginnings of paths which something serves that was not read."""
    entries: Entries
    requests: Requests
    """What the tests request, joined with the routes."""
    suite: Suite
    replacements: Replacements
    """What each test puts in the place of production code and of libraries."""
    integration_points: tuple[IntegrationPoint, ...]
    deletions: tuple[Deletion, ...] = ()
    """Tests and helpers that a range of commits deleted, judged; empty where nobody asked for a range."""
    configuration: Configuration
    """The variables that it reads, and what its files say of them."""
    front: Front
    """What stands in JavaScript, TypeScript, Vue and Svelte."""
    contract: Contract
    """What the front end asks for, with the routes that serve it."""
    applications: tuple[Application, ...]
    """What the routes hang on, and who starts it."""
    loaded: Mapping[str, list[Start]]
    """Paths of the modules that something in the repository starts or that such a module imports, with the starts."""
    answers: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What `once` made."""

    def once(self, make: Callable[["Project"], Made]) -> Made:
        """What is made of nothing but this project, made when it is first asked for: all who ask share what it finds out."""
        if make not in self.answers:
            self.answers[make] = make(self)
        found: Made = self.answers[make]
        return found

    @property
    def processes(self) -> tuple[Process, ...]:
        """What the deployment starts, in the order of its files."""
        return self.once(_find_processes)

    @property
    def idle_applications(self) -> frozenset[str]:
        """Names of those that nothing in the repository starts, while it starts others."""
        return frozenset(part.name for part in self.applications if part.is_live is False)

    def production(self) -> list[Module]:
        """The modules that are deployed."""
        return [module for module in self.modules.values() if module.kind is FileKind.PRODUCTION]

    @property
    def lines(self) -> int:
        """Of all Python files read."""
        return sum(module.line_count for module in self.modules.values())


def _find_processes(project: Project) -> tuple[Process, ...]:
    return find_processes(project.configuration, project.inventory, project.manifest, project.symbols)


@collector_paused()
def read_project(root: Path, settings: Settings, progress: Progress | None = None) -> Project:
    """Read a project from its files alone.

    Args:
        root: the folder of the project.
        settings: what to leave out and where the source roots are.
        progress: told what is being done, how far, of how many.

    Raises:
        ProjectError: there is no such folder, or no Python in it.
    """
    tell = progress or _silent
    inventory = take_inventory(root, settings)
    manifest = read_manifest(inventory)
    commands = read_commands(inventory)
    modules = read_modules(root, inventory.files, progress)
    tell("resolving", 0, 1)
    imported = {part.module for module in modules.values() for part in module.imports if not part.level}
    imported |= {
        f"{part.module}.{part.name}"
        for module in modules.values()
        for part in module.imports
        if not part.level and part.name
    }
    effects = EffectFiles().read(imported)
    libraries = set(effects.kinds) | {name.replace("-", "_") for name in manifest.declared}
    symbols = Symbols(modules, inventory.source_roots, {name.split(".", 1)[0] for name in libraries})
    inference = Inference(symbols, effects, Stores(modules.values()))
    graph = resolve_calls(root, inference)
    served = find_routes(modules, graph)
    routes = tuple(route for route in served if not route.is_mount)
    mounts = tuple(route for route in served if route.is_mount)
    front = read_front(root, inventory)
    entries = find_entries(modules, inference, graph, manifest, routes)
    tell("reading tests", 0, 1)
    suite = read_suite(inventory, manifest, commands, modules, symbols)
    configuration = read_configuration(inventory, modules, symbols, graph)
    requests = find_requests(modules, graph, routes, suite.idle())
    replacements = Replacements(suite, symbols)
    loaded = find_loaded(configuration, inventory, manifest, symbols)
    return Project(
        root=root, settings=settings, inventory=inventory, manifest=manifest, commands=commands,
        modules=modules, symbols=symbols, effects=effects, inference=inference, graph=graph,
        routes=routes, mounts=mounts, entries=entries, requests=requests, suite=suite,
        replacements=replacements,
        integration_points=find_integration_points(modules, graph, suite, requests, replacements),
        configuration=configuration, front=front, contract=Contract(front, routes, mounts),
        applications=find_applications(routes, loaded, LeftOver(configuration, loaded, symbols)), loaded=loaded,
    )  # fmt: skip


def _silent(_what: str, _done: int, _total: int) -> None:
    """Nobody wants to know."""
