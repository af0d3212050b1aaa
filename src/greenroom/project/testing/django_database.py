"""Which database Django's test runner gives to the tests: where it can only be SQLite, it is a part of their process."""

import re
from collections.abc import Iterable, Iterator

from greenroom.project.calls.symbols import Symbols
from greenroom.project.code import facts
from greenroom.project.code.module import Module
from greenroom.project.declared.commands import TestCommand
from greenroom.project.files.inventory import Inventory

_VARIABLE = "DJANGO_SETTINGS_MODULE"
_CONFIGURED = re.compile(rf"^\s*{_VARIABLE}\s*=\s*[\"']?([\w.]+)", re.MULTILINE)
_GIVEN = re.compile(r"--(?:settings|ds)[= ]([\w.]+)")
# Of packed code, where any byte may follow a text.
_ENGINE = re.compile(
    rb"\.(?:db\.)?backends\.(sqlite3|spatialite|postgresql|postgis|mysql|oracle|[a-z0-9_]*psycopg2?)"
)
_ADDRESS = re.compile(rb"(sqlite|spatialite|postgres(?:ql)?|postgis|pgsql|mysql|oracle)://")
_SETTINGS = re.compile(r"(?:^|/)(?:settings/[^/]+|(?:test_?)?settings(?:_?\w+)?)\.py$")
_OWN = (b"sqlite", b"spatialite")
_FILES = ("pytest.ini", ".pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini")
_DEEPEST = 6


def is_django_on_sqlite(
    inventory: Inventory, commands: Iterable[TestCommand], modules: dict[str, Module], symbols: Symbols
) -> bool:
    """Whether the settings that the tests run under name SQLite and no other database."""
    starts = list(_settings(inventory, commands, modules, symbols))
    engines: set[bytes] = set()
    for module in _with_all_that_they_take_over(starts, symbols):
        packed = module.packed_bodies
        if b"DATABASES" in packed:
            engines |= {*_ENGINE.findall(packed), *_ADDRESS.findall(packed)}
    return bool(engines) and all(engine.startswith(_OWN) for engine in engines)


def _settings(
    inventory: Inventory, commands: Iterable[TestCommand], modules: dict[str, Module], symbols: Symbols
) -> Iterator[Module]:
    """Those for the tests, where there are any; else those of `manage.py` and its like."""
    texts = [inventory.read_text(path) for path in inventory.other if path.rpartition("/")[2] in _FILES]
    named = [name for text in texts for name in _CONFIGURED.findall(text)]
    named += [name for command in commands for name in _GIVEN.findall(command.text)]
    named += [command.variables[_VARIABLE] for command in commands if _VARIABLE in command.variables]
    importer = next(iter(modules.values()), None)
    if importer is None:
        return
    named = named or list(_defaults(modules.values()))
    if not named:
        yield from _by_name(modules)
    for name in dict.fromkeys(named):
        asked = (symbols.module(name, asker) for asker in _askers(modules, importer))
        found = next((module for module in asked if module is not None), None)
        if found is not None:
            yield found


def _by_name(modules: dict[str, Module]) -> list[Module]:
    """Modules that are called settings; of these, those for tests, where there are any."""
    found = [module for path, module in modules.items() if _SETTINGS.search(path)]
    return [module for module in found if "test" in module.path.rpartition("/")[2]] or found


def _askers(modules: dict[str, Module], first: Module) -> list[Module]:
    """Modules in whose place an import may be tried: a settings module is named from `manage.py`."""
    return [*(module for path, module in modules.items() if path.endswith("manage.py")), first]


def _defaults(modules: Iterable[Module]) -> Iterator[str]:
    """`os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")`."""
    for module in modules:
        if (
            not module.path.endswith(("manage.py", "conftest.py"))
            or _VARIABLE.encode() not in module.packed_bodies
        ):
            continue
        for body in module.bodies:
            for call in body.calls:
                given = [facts.constant(part) for part in call.arguments[:2]]
                if len(given) == 2 and given[0] == _VARIABLE and isinstance(given[1], str):
                    yield given[1]


def _with_all_that_they_take_over(starts: list[Module], symbols: Symbols) -> list[Module]:
    """These modules, and those from which they import everything."""
    found = dict.fromkeys(starts)
    waiting = [(module, 0) for module in starts]
    while waiting:
        module, depth = waiting.pop()
        for part in module.imports:
            if part.name != "*" or depth >= _DEEPEST:
                continue
            target = symbols.imported_module(module, part.level, part.module)
            if target is not None and target not in found:
                found[target] = None
                waiting.append((target, depth + 1))
    return list(found)
