"""What the project reads from its environment, and what its files say of it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from greenroom.project.calls.graph import CallGraph
from greenroom.project.calls.symbols import Symbols
from greenroom.project.code.module import Module
from greenroom.project.files.inventory import Inventory
from greenroom.project.files.kind import FileKind
from greenroom.project.settings.checkers import without_checkers
from greenroom.project.settings.compose import ComposeFile, is_compose_file, read_compose
from greenroom.project.settings.declaration import Declaration, is_template, stage_of
from greenroom.project.settings.dockerfile import Image, is_dockerfile, read_dockerfile
from greenroom.project.settings.dynaconf_attributes import DynaconfAttributes
from greenroom.project.settings.dynaconf_reads import DynaconfReads
from greenroom.project.settings.env_files import Line, commented_names, is_env_file, read_lines
from greenroom.project.settings.environ_reads import EnvironReads
from greenroom.project.settings.field_reads import FieldReads
from greenroom.project.settings.helm import chart_of, is_values, rendered, values_beside
from greenroom.project.settings.interpolation import references
from greenroom.project.settings.kubernetes import Manifests, read_manifests, taken_from_secrets
from greenroom.project.settings.library_reads import LibraryReads
from greenroom.project.settings.systemd import is_unit, read_unit
from greenroom.project.settings.terraform.environments import Environment, is_terraform, read_environments
from greenroom.project.settings.tree import Tree, read_trees
from greenroom.project.settings.variable_read import VariableRead

_DEPLOYED: Final = (FileKind.PRODUCTION,)
_NOT_DEPLOYED: Final = ("test", "development")
_NAME: Final = re.compile(r"(?<![A-Za-z0-9_])([A-Za-z][A-Za-z0-9_]{2,})(?![A-Za-z0-9_])")
_PAGE: Final = re.compile(r"\.(?:md|mdx|rst|adoc|txt)$|(?:^|/)(?:readme|contributing)[^/]*$", re.IGNORECASE)
_NO_DEPLOYMENT: Final = re.compile(r"\.lock$|(?:^|/)package\.json$|requirements[^/]*\.(?:txt|in)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Both sides, by variable and by file."""

    reads: tuple[VariableRead, ...]
    """In production code."""
    written: frozenset[str]
    """Names that some Python code sets by itself, tests left out."""
    declarations: tuple[Declaration, ...]
    """In the order of the files."""
    env_files: dict[str, tuple[Line, ...]]
    compose: dict[str, ComposeFile]
    images: dict[str, Image]
    manifests: dict[str, Manifests]
    from_secrets: frozenset[str]
    """Variables that pods take from entries of Secrets, and do not start without."""
    terraform: tuple[Environment, ...]
    """In the order of the files."""
    mentioned: frozenset[str]
    """Words of all files that configure, build or deploy: whatever is named there is no oversight."""
    described: frozenset[str]
    """Words of the pages for people at the top of the project."""

    def by_name(self) -> dict[str, list[Declaration]]:
        """The declarations of each variable."""
        found: dict[str, list[Declaration]] = defaultdict(list)
        for part in self.declarations:
            found[part.name].append(part)
        return found


def read_configuration(
    inventory: Inventory, modules: dict[str, Module], symbols: Symbols, graph: CallGraph
) -> Configuration:
    """Read the production code's variables, and every file that declares some."""
    listed = list(modules.values())
    deployed = [module for module in listed if module.kind in _DEPLOYED]
    environ = EnvironReads(symbols, graph)
    reads = [
        *environ.find(listed), *FieldReads(graph).find(deployed), *LibraryReads(symbols).find(deployed),
        *DynaconfReads(symbols).find(deployed), *DynaconfAttributes(symbols).find(deployed),
    ]  # fmt: skip
    files = _Files(inventory)
    return Configuration(
        reads=tuple(read for read in reads if read.scope.module.kind in _DEPLOYED),
        written=frozenset(environ.written), declarations=tuple(files.declarations()), env_files=files.env_files,
        compose=files.compose, images=files.images, manifests=files.manifests,
        from_secrets=frozenset(files.from_secrets()), terraform=files.terraform,
        mentioned=frozenset(files.mentioned), described=frozenset(files.described),
    )  # fmt: skip


class _Files:
    """Everything beside the code, read once."""

    def __init__(self, inventory: Inventory) -> None:
        self.env_files: dict[str, tuple[Line, ...]] = {}
        self.compose: dict[str, ComposeFile] = {}
        self.images: dict[str, Image] = {}
        self.manifests: dict[str, Manifests] = {}
        self.values: dict[str, Tree] = {}
        self.mentioned: set[str] = set()
        self.described: set[str] = set()
        for path in inventory.other:
            if _NO_DEPLOYMENT.search(path) is None:
                self._take(path, inventory)
        self.units = {
            path: tuple(read_unit(inventory.read_text(path)))
            for path in filter(is_unit, (*inventory.other, *inventory.documents))
        }
        self.terraform = read_environments(
            filter(is_terraform, inventory.documents), inventory.read_text, self.mentioned
        )

    def _take(self, path: str, inventory: Inventory) -> None:
        text = inventory.read_text(path)
        pages = _PAGE.search(path) is not None
        (self.described if pages else self.mentioned).update(_NAME.findall(without_checkers(path, text)))
        if is_env_file(path):
            self.env_files[path] = tuple(read_lines(text))
            self.mentioned |= commented_names(text)
        elif is_compose_file(path):
            if (compose := read_compose(path, inventory.read_text)) is not None:
                self.compose[path] = compose
                self._take_named_files(compose, inventory)
        elif is_dockerfile(path):
            if (image := read_dockerfile(path, text)) is not None:
                self.images[path] = image
        elif path.endswith((".yml", ".yaml")):
            if is_values(path):
                self.values.update((path, tree) for tree in read_trees(text)[:1])
            elif chart_of(path) is not None and "{{" in text:
                values = read_trees(inventory.read_text(values_beside(path)))
                text = rendered(text, values[0] if values else Tree("", 1))
            if (found := read_manifests(path, text)) is not None:
                self.manifests[path] = found

    def _take_named_files(self, compose: ComposeFile, inventory: Inventory) -> None:
        for service in compose.services.values():
            for path, _ in service.env_files:
                if path not in self.env_files and (text := inventory.read_text(path)):
                    self.env_files[path] = tuple(read_lines(text))
                    self.mentioned.update(_NAME.findall(text))

    def from_secrets(self) -> Iterator[str]:
        for manifests in self.manifests.values():
            if stage_of(manifests.path) not in _NOT_DEPLOYED:
                for container in manifests.containers:
                    yield from container.from_secrets
        for path, tree in self.values.items():
            if stage_of(path) not in _NOT_DEPLOYED:
                yield from taken_from_secrets(tree)

    def declarations(self) -> Iterator[Declaration]:
        for path, lines in self.env_files.items():
            kind = "template" if is_template(path) else "file"
            yield from (_declared(line, path, kind) for line in lines)
        for compose in self.compose.values():
            for service in compose.services.values():
                yield from (_declared(line, compose.path, "compose") for line in service.environment.values())
                yield from _asked_for(service.environment.values(), compose.path)
        for image in self.images.values():
            for stage in image.stages:
                yield from (_declared(line, image.path, "image") for line in stage.env.values())
        for path, lines in self.units.items():
            yield from (_declared(line, path, "systemd") for line in lines)
        for manifests in self.manifests.values():
            held = [line for part in manifests.maps.values() for line in part.values()]
            own = [line for part in manifests.containers for line in part.env.values()]
            yield from (_declared(line, manifests.path, "kubernetes") for line in (*own, *held))
        listed = [part for environment in self.terraform for part in environment.given]
        for path, line, name, value in dict.fromkeys(
            (part.path, part.line, part.name, part.value) for part in listed
        ):
            yield Declaration(name, value or None, path, line, "terraform", stage_of(path))


def _declared(line: Line, path: str, source: str) -> Declaration:
    return Declaration(line.name, line.value or None, path, line.line, source, stage_of(path))


def _asked_for(lines: Iterable[Line], path: str) -> Iterator[Declaration]:
    """What a compose file takes from the shell that starts it."""
    for line in lines:
        for part in references(line.value):
            yield Declaration(part.name, part.default, path, line.line, "compose", stage_of(path))
