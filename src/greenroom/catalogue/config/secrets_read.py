"""Whether anything goes by a secret: what nobody reads signs nothing."""

import re
from collections.abc import Iterable
from itertools import takewhile
from typing import Final

from greenroom.detect.search import mentioning, words
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.mentions import expressions
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project
from greenroom.project.settings.compose import Service
from greenroom.project.settings.variable_read import VariableRead

_BY_FRAMEWORKS: Final = frozenset(
    {"SECRET_KEY", "SECURITY_PASSWORD_SALT", "JWT_SECRET_KEY", "WTF_CSRF_SECRET_KEY"}
)
_FRAMEWORKS: Final = ("django", "flask", "quart")
"""They, and what is made for them, read settings by these names without a word in the project."""
_SETTINGS: Final = re.compile(r"(?:settings|config|conf|cfg|env|options|app)\w*(?:\(\))?\.", re.IGNORECASE)
_FROM_OUTSIDE: Final = re.compile(r"\.\.|\.?/?:|~|\$|/")
"""A volume that may bring code from elsewhere: the folder of the compose file itself, one above, one of the machine."""
_LOOK_UP: Final = frozenset({"get", "getattr"})


class SecretsRead:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, set[str]] = {}
        self._of_others: dict[str, set[str]] = {}
        """Files with classes that have a field of a name, where nothing that is called settings is asked for it."""
        self._has_framework = any(map(imports_framework, project.production()))

    def is_used(self, read: VariableRead) -> bool:
        """Whether the value is used where it is read, or something names what holds it."""
        names = _targets(read.scope, read.line)
        others = {
            part.scope.path for part in self._project.configuration.reads if read.name in part.names
        } - {read.scope.path}
        return not names or any(self.is_named(name, read.scope.path, others) for name in names)

    def is_named(self, target: str, home: str, others: Iterable[str] = ()) -> bool:
        """Whether production code reads a setting of this name, and not one that is defined nearer to it, or a framework does."""
        name = target.rpartition(".")[2]
        if name in _BY_FRAMEWORKS and self._has_framework:
            return True
        if name not in self._known:
            scopes = list(mentioning(self._project.production(), words(name)))
            self._known[name] = {scope.path for scope in scopes if _reads(scope.body, name)}
            of_settings = {scope.path for scope in scopes if _reads_of_settings(scope.body, name)}
            fields = {scope.path for scope in scopes if scope.kind == "class" and _declares(scope, name)}
            self._of_others[name] = fields if fields and not of_settings else set()
        nearer = {*others, *self._of_others[name]} - {home}
        return any(
            all(_shared(path, home) >= _shared(path, other) for other in nearer) for path in self._known[name]
        )

    def is_variable_read(self, name: str, service: Service) -> bool:
        """Whether code of the project, in Python or JavaScript, says the name of a variable; of a service, what its image may hold."""
        production, pages = self._project.production(), list(self._project.front.files)
        folder = f"{service.build}/"
        inside = [module for module in production if module.path.startswith(folder)]
        if inside and not any(_FROM_OUTSIDE.match(volume) for volume in service.volumes):
            production, pages = inside, [path for path in pages if path.startswith(folder)]
        paths = {module.path for module in production}
        return (
            any(
                name.upper() in map(str.upper, read.names) and read.scope.path in paths
                for read in self._project.configuration.reads
            )
            or any(name.encode() in module.packed_bodies for module in production)
            or any(name in self._project.inventory.read_text(path) for path in pages)
        )


def imports_framework(module: Module) -> bool:
    """Whether something may read settings such as `SECRET_KEY` by their names for it."""
    return any(found.module.startswith(_FRAMEWORKS) and not found.level for found in module.imports)


def _shared(one: str, other: str) -> int:
    """How many folders from the root two paths share."""
    pairs = zip(one.split("/")[:-1], other.split("/")[:-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _targets(scope: Scope, line: int) -> list[str]:
    """The names that the statement gives the value to; none where it is used at once."""
    found = [
        target
        for part in scope.body.statements
        if part.kind in ("assign", "annotate") and part.line <= line <= part.end_line
        for target in (part.target if part.kind == "assign" else (part.target,))
    ]
    names = [target for target in found if isinstance(target, str)]
    return names if len(names) == len(found) else []


def _reads(body: Body, name: str) -> bool:
    return any(
        (isinstance(part, str) and name in part.split(".")) or _is_entry(part, name)
        for expression in expressions(body)
        for part in facts.walk(expression)
    ) or any(
        facts.last_name(call.callee) in _LOOK_UP
        and not facts.spell(call.callee, body.calls).endswith("environ.get")
        and any(facts.constant(part) == name for part in call.arguments[:2])
        for call in body.calls
    )


def _reads_of_settings(body: Body, name: str) -> bool:
    """`settings.SECRET_KEY`, or the bare name, and not `credentials.SECRET_KEY`."""
    return any(
        isinstance(part, str) and (part == name or (part.endswith(f".{name}") and _SETTINGS.search(part)))
        for expression in expressions(body)
        for part in facts.walk(expression)
    )


def _declares(scope: Scope, name: str) -> bool:
    return any(part.kind == "annotate" and part.target == name for part in scope.body.statements)


def _is_entry(part: Expression, name: str) -> bool:
    """`config["SECRET_KEY"]`, and not `os.environ["SECRET_KEY"]`."""
    return (
        isinstance(part, tuple)
        and part[:1] == (facts.ITEM,)
        and facts.constant(part[2]) == name
        and not str(part[1]).endswith("environ")
    )
