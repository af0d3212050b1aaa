"""The suite of a project: its tests, fixtures and the configuration in effect, with the reasons."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from greenroom.model.test_case import TestCase
from greenroom.project.calls.symbols import Symbols
from greenroom.project.code.module import Module, Scope
from greenroom.project.declared.commands import TestCommand
from greenroom.project.declared.manifest import Manifest
from greenroom.project.files.inventory import Inventory
from greenroom.project.files.kind import FileKind
from greenroom.project.testing.assertions import Assertions
from greenroom.project.testing.awaiting import AsyncRunners, Awaiting
from greenroom.project.testing.collection import Collector
from greenroom.project.testing.configuration import Configurations
from greenroom.project.testing.django_database import is_django_on_sqlite
from greenroom.project.testing.doubles import Doubles
from greenroom.project.testing.elsewhere import Elsewhere
from greenroom.project.testing.fixtures import Fixtures
from greenroom.project.testing.flask_database import is_flask_on_sqlite
from greenroom.project.testing.interfaces import Interfaces
from greenroom.project.testing.items import Item, ItemReader
from greenroom.project.testing.lookalikes import Lookalikes
from greenroom.project.testing.marks import Marks
from greenroom.project.testing.origins import Origins
from greenroom.project.testing.runs import Run, RunReader
from greenroom.project.testing.unread import unread_commands

_RUNNERS = ("pytest", "unittest", "django")
_OTHER_RUNNERS = ("nose", "nose2", "trial", "stestr", "ward")
"""What these collect is not listed, and what they are sent to is run."""
_PLUGIN = re.compile(r"\bpytest[-_.][A-Za-z0-9_-]+\b")
_DECLARING = ("setup.py", "noxfile.py", "tasks.py")
_NOT_THE_SUITE = (FileKind.VENDORED, FileKind.ARCHIVED, FileKind.GENERATED)


@dataclass(slots=True, kw_only=True)
class Suite:
    """What the detectors of tests work on."""

    tests: tuple[TestCase, ...]
    """One per item, in the same order."""
    items: tuple[Item, ...]
    runs: tuple[Run, ...]
    """The commands, with the configuration that each gets."""
    fixtures: Fixtures
    origins: Origins
    marks: Marks
    assertions: Assertions
    interfaces: Interfaces
    doubles: Doubles
    awaiting: dict[Item, Awaiting]
    """Who awaits each item that some run collects."""
    installed: frozenset[str]
    """Normalised names of distributions that the project declares, pins or mentions."""

    def idle(self) -> set[Scope]:
        """Test functions whose body nothing executes."""
        running = {item.function for item in self.items if item.runs}
        return {item.function for item in self.items} - running

    def functions(self) -> Iterable[Item]:
        """One item for each test function which some run executes, however often it is inherited."""
        seen: set[Scope] = set()
        for item in self.items:
            if item.function not in seen and item.collected:
                seen.add(item.function)
                yield item


def read_suite(
    inventory: Inventory,
    manifest: Manifest,
    commands: Iterable[TestCommand],
    modules: dict[str, Module],
    symbols: Symbols,
) -> Suite:
    """The suite from compact forms and configuration files; nothing of the project is run."""
    origins = Origins(modules, symbols)
    fixtures = Fixtures(modules, origins)
    marks = Marks(origins)
    major = _major(manifest.versions.get("pytest", ""))
    reader = RunReader(inventory.root, Configurations(inventory.root, pytest_major=major))
    candidates = _without_imported(symbols, list(filter(_may_hold_tests, modules.values())))
    commands = [*commands, *unread_commands(inventory)]
    runs = [reader.read(command) for command in commands if command.runner in _RUNNERS]
    if not runs:
        runs = reader.assumed(module.path for module in candidates)
    else:
        runs += reader.untold((module.path for module in candidates), runs)
    installed = _installed(inventory, manifest)
    collector = Collector(
        runs=tuple(runs), items=ItemReader(origins, fixtures), marks=marks,
        awaiting=AsyncRunners(origins, fixtures, marks, installed), installed=installed,
    )  # fmt: skip
    seen = collector.collect(candidates)
    assertions = Assertions(origins, fixtures)
    elsewhere = [
        root
        for command in commands
        if command.runner in _OTHER_RUNNERS
        for root in reader.read(command).roots
    ]
    lookalikes = Lookalikes(collector, assertions, symbols, inventory.root, Elsewhere(symbols, elsewhere))
    hidden = lookalikes.find(candidates, seen)
    interfaces = Interfaces(
        origins, fixtures, assertions,
        django_on_sqlite=is_django_on_sqlite(inventory, commands, modules, symbols),
        flask_on_sqlite=is_flask_on_sqlite(modules.values()),
    )  # fmt: skip
    items = tuple(sorted([*seen.items, *hidden], key=_order))
    return Suite(
        tests=tuple([_test_case(item, interfaces) for item in items]), items=items, runs=tuple(runs),
        fixtures=fixtures, origins=origins, marks=marks, assertions=assertions, interfaces=interfaces,
        doubles=Doubles(origins), awaiting=seen.awaiting, installed=installed,
    )  # fmt: skip


def _order(item: Item) -> tuple[str, int, str]:
    return item.module.path, item.function.line, item.id


def _installed(inventory: Inventory, manifest: Manifest) -> frozenset[str]:
    """Declared and pinned distributions, and plugins of pytest which some file of the project names."""
    found = set(manifest.declared) | set(manifest.versions)
    python = (file.path for file in inventory.files if file.path.rpartition("/")[2] in _DECLARING)
    for path in (*inventory.other, *python):
        for name in _PLUGIN.findall(inventory.read_text(path)):
            found.add(name.lower().replace("_", "-").replace(".", "-"))
    return frozenset(found)


def _may_hold_tests(module: Module) -> bool:
    if module.kind in _NOT_THE_SUITE:
        return False
    name = module.path.rsplit("/", 1)[-1]
    return module.kind is FileKind.TEST or name.startswith("test") or name.endswith(("_test.py", "tests.py"))


def _without_imported(symbols: Symbols, candidates: list[Module]) -> list[Module]:
    """Without modules of production that others of production import: routes called `test_mail` are served, not collected."""
    doubtful = {module.path for module in candidates if module.kind is FileKind.PRODUCTION}
    if not doubtful:
        return candidates
    imported = {
        found.path
        for importer in symbols.modules()
        if importer.kind is FileKind.PRODUCTION and importer.path not in doubtful
        for _, *targets in symbols.imports(importer)
        for found in targets
        if found is not None
    }
    return [module for module in candidates if module.path not in doubtful & imported]


def _major(version: str) -> int:
    head = version.split(".", maxsplit=1)[0]
    return int(head) if head.isdigit() else 9


def _line(item: Item) -> int:
    """Of its definition; of its class, where that inherits it from another file."""
    if item.function.path == item.module.path:
        return item.function.line
    return item.owner.line if item.owner is not None and item.owner.path == item.module.path else 1


def _test_case(item: Item, interfaces: Interfaces) -> TestCase:
    verdict = interfaces.judge(item)
    reasons = [item.hidden.reason] if item.hidden else []
    reasons += [item.never_awaited] if item.never_awaited else []
    reasons += [*item.notes, *verdict.reasons]
    return TestCase(
        id=item.id, path=item.module.path, line=_line(item), symbol=item.function.qualname,
        is_async=item.function.is_async, interface=verdict.interface, collected=item.collected,
        runs=item.runs, reasons=tuple(reasons), evidence=verdict.evidence,
    )  # fmt: skip
