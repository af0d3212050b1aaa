"""What the suite itself says is missing, and what its other tests need all the same."""

import re

from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.testing.origins import Origins

_MISSING = re.compile(
    r"(?:Unavailable|NotAvailable|NotInstalled|Missing\w*|Prerequisite\w*)(?:Error|Exception)?$"
)
_ASKS = re.compile(
    r"^_?(?:is|has|can|have|check|wait|ping|probe|try|test|ensure)_|_?(?:avail|reach|running|alive|ready|ping|responds|healthy|health|listening|exists"
    r"|connect|in_use|accessible|online|is_up|_up$|_open$|works)",
    re.IGNORECASE,
)
"""By its name, a helper that finds out whether somebody is there; others look for what is kept there."""
PUBLIC = re.compile(r"https?://(?!localhost|127\.|0\.0\.)[\w-]+\.[\w.-]+")
_PUBLIC_HOST = re.compile(
    r"^(?!127\.|0\.|10\.|192\.168\.|localhost)(?:\d{1,3}(?:\.\d{1,3}){3}|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|de|fr|cn))$"
)
_WORLD = re.compile(r"internet|network|online|offline", re.IGNORECASE)
_LOOKS_AT = (
    "urllib.parse.", "sqlalchemy.make_url", "sqlalchemy.engine.make_url", "sqlalchemy.engine.url.", "sqlalchemy.engine.URL",
    "socket.gethostname", "socket.getfqdn", "httpx.URL", "psycopg.conninfo.", "pymongo.uri_parser.", "redis.connection.parse_url",
)  # fmt: skip
"""What takes an address apart and asks nobody."""
_NO_PROGRAM = frozenset(
    {
        "FileNotFoundError",
        "CalledProcessError",
        "TimeoutExpired",
        "OSError",
        "PermissionError",
        "SubprocessError",
    }
)
_SUITES = frozenset({"test", "tests"})
_MANY = 3
"""Files from which on a part of the package is what the whole suite stands on."""


def are_of_the_suite(origins: Origins, scope: Scope, types: facts.Expression) -> bool:
    """Whether a handler takes exceptions alone that the suite raises by itself, where something is not there."""
    names = [part for part in facts.walk(types) if isinstance(part, str)] if types else []
    classes = [origins.scope(origins.of(scope, name)) for name in names if _MISSING.search(name)]
    return len(classes) == len(names) > 0 and all(
        found is not None and found.module.kind is not FileKind.PRODUCTION for found in classes
    )


def misses_a_file(origins: Origins, scope: Scope, named: list[str], tried: list[Call]) -> bool:
    """Whether a helper of the suite looks for a file: that what it starts fails is another exception."""
    own = any("::" in origins.callee(scope, scope.body.calls.index(call)) for call in tried)
    return own and set(named) == {"FileNotFoundError"}


def asked_by(function: Scope) -> tuple[str, str]:
    """Kind and name of what is missing where a helper of the suite gives nothing back."""
    if _asks_the_world(function):
        return "answer", f"`{function.name}()` finds no network"
    if _ASKS.search(function.name):
        return "service", f"`{function.name}()`"
    return "answer", f"`{function.name}()` gives nothing"


def only_looks(origin: str) -> bool:
    """Whether a library only takes an address apart, or tells the name of this machine."""
    return origin.startswith(_LOOKS_AT)


def _asks_the_world(function: Scope) -> bool:
    """`requests.get("https://example.com")`: whether this machine has a way out, not whether a service of the product's is there."""
    return _WORLD.search(function.name) is not None or any(
        isinstance(text := facts.constant(part), str) and (PUBLIC.match(text) or _PUBLIC_HOST.match(text))
        for call in function.body.calls
        for given in call.arguments
        for part in facts.walk(given)
    )


def starts_a_program(origins: Origins, scope: Scope, named: list[str], tried: list[Call]) -> bool:
    """Whether all that is tried starts programs, and what is caught says that one is missing: a tool of the machine."""
    started = [
        call
        for call in tried
        if origins.callee(scope, scope.body.calls.index(call)).startswith("subprocess.")
    ]
    return bool(started) and bool(named) and _NO_PROGRAM.issuperset(named)


def is_needed_anyway(project: Project, dotted: str, path: str, *, whole: bool) -> bool:
    """Whether another file of the same suite imports it plainly: without it, the run is red."""
    if "." in dotted and not (whole or path.endswith("conftest.py")):
        return False  # a name of it may go alone
    folders = path.split("/")[:-1]
    last = max((number for number, name in enumerate(folders, 1) if name in _SUITES), default=0)
    suite = "/".join(folders[:last])
    modules = {item.module for item in project.suite.items if item.runs} if suite else set()
    names = (dotted, *_packages_with(project, dotted))
    plain = sum(
        module.path != path
        and module.path.startswith(f"{suite}/")
        and any(_imports_plainly(module, name) for name in names)
        for module in modules
    )
    return plain >= (_MANY if "." in dotted else 1)


def _packages_with(project: Project, dotted: str) -> tuple[str, ...]:
    """The package right around a module, where its `__init__.py` imports the module at once."""
    around, _, last = dotted.rpartition(".")
    importer = next(iter(project.production()), None)
    package = project.symbols.module(around, importer) if around and importer is not None else None
    imports = package.imports_in(0) if package is not None and package.path.endswith("__init__.py") else ()
    spelled = {(1, last), (0, dotted)}
    return (
        (around,) if any(not part.guard and (part.level, part.module) in spelled for part in imports) else ()
    )


def _imports_plainly(module: Module, dotted: str) -> bool:
    return b"importorskip" not in module.packed_bodies and any(
        not part.level and not part.guard and f"{part.module}.{part.name}.".startswith(f"{dotted}.")
        for part in module.imports_in(0)
    )
