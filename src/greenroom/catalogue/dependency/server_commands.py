"""The commands that start a server, and what they tell gunicorn, with the values of the shell's variables."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Final

from greenroom.detect.search import mentioning, words
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.settings.declaration import stage_of
from greenroom.project.settings.dockerfile import command_words
from greenroom.project.settings.processes import Process

GUNICORN: Final = "gunicorn"
_NAMES_GUNICORN: Final = words(GUNICORN)
_ENDLESS_SERVERS: Final = frozenset(
    {"uvicorn", "hypercorn", "daphne", "granian", "waitress", "waitress-serve", "uwsgi", "fastapi"}
)
_FLAGS: Final = {
    "-t": "timeout", "--timeout": "timeout", "-k": "worker_class", "--worker-class": "worker_class",
    "--threads": "threads", "-c": "config", "--config": "config",
}  # fmt: skip
_EMBEDS: Final = "gunicorn.app."
_TIMEOUT: Final = words("timeout")
_OPTIONS: Final = frozenset({"bind", "workers", "worker_class", "threads", "logger_class"})
"""One of these beside it says that a mapping holds gunicorn's options."""
_NOBODY_KNOWS: Final = "$"
"""As a variable of the shell to which no file gives a value begins."""
_RELOADS: Final = "--reload"
"""Only a developer's server does, as both gunicorn and uvicorn say."""
_SAYS: Final = re.compile(r"\s*(?:#|echo\b|printf\b)")
_OURS: Final = (FileKind.PRODUCTION, FileKind.SCRIPT)
_SUPERVISED: Final = re.compile(r"^\s*\[program:", re.MULTILINE)
_COMMAND: Final = re.compile(r"^command\s*=\s*(\S.*)$", re.MULTILINE)
_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-([^{}]*))?\})")
_ASSIGNED: Final = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)=([^\s;]+)", re.MULTILINE)
_ARGUMENTS: Final = re.compile(r"""["']?\$(?:[@*]|\{[@*]\})["']?""")
"""`"$@"`: what a script is given."""
_DEEPEST: Final = 3
_NOT_DEPLOYED: Final = ("test", "development")


class ServerCommands:
    """Answers for one project; its files are read only when somebody asks."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._declared = project.configuration.by_name()

    @cached_property
    def told(self) -> list[Mapping[str, frozenset[str]] | None]:
        """What each server of the deployment is told, with every value that it may have; None of one that ends no request."""
        commands = [command for command in self._all() if _server_at(command) is not None]
        served = [command for command in commands if _RELOADS not in command] or commands
        ours = [module for module in self._project.modules.values() if module.kind in _OURS]
        return [*(_told(command, self._values) for command in served), *_embedded(ours)]

    def _all(self) -> Iterator[Sequence[str]]:
        """The words of each command that the deployment, its scripts or the project's own code runs."""
        project = self._project
        inventory = project.inventory
        for process in self._project.processes:
            yield _flat(process.words)
            for path in process.scripts:
                yield from (_flat(command_words(line)) for line in self._lines(path))
            given = _given_to_script(process)
            for path in self._handed_to(process):
                yield from _passed_on(self._lines(path), given[1:])
        for path in self._scripts_alone:
            yield from (_flat(command_words(line)) for line in self._lines(path))
        for path in (*inventory.other, *inventory.documents):
            if path.endswith((".conf", ".ini")) and _SUPERVISED.search(text := inventory.read_text(path)):
                yield from (_flat(command_words(line)) for line in _COMMAND.findall(text))
        yield from _started_by_code(module for module in project.modules.values() if module.kind in _OURS)

    @cached_property
    def _scripts_alone(self) -> list[str]:
        """Where no file tells what a deployment starts: the scripts that people start it by, but for those of developers."""
        scripts = [path for path in self._project.inventory.other if path.endswith((".sh", ".bash"))]
        return (
            []
            if self._project.processes
            else [path for path in scripts if stage_of(path) not in _NOT_DEPLOYED]
        )

    def _handed_to(self, process: Process) -> list[str]:
        """The scripts that an image may start its server by: of one name, where the build chooses their folder."""
        given = _given_to_script(process)
        if not given or _server_at(given) is None:
            return []
        name = posixpath.basename(given[0])
        return [path for path in self._project.inventory.other if posixpath.basename(path) == name]

    def _lines(self, path: str) -> list[str]:
        text = self._project.inventory.read_text(path).replace("\\\n", " ")
        return [line for line in text.splitlines() if not _SAYS.match(line)]

    @cached_property
    def _assigned(self) -> Mapping[str, frozenset[str]]:
        """What the scripts of the deployment set by themselves."""
        found: dict[str, frozenset[str]] = {}
        for process in self._project.processes:
            for path in (*process.scripts, *self._handed_to(process)):
                for name, value in _ASSIGNED.findall(self._project.inventory.read_text(path)):
                    found[name] = found.get(name, frozenset()) | {value.strip("\"'")}
        return found

    def _values(self, word: str, depth: int = 0) -> frozenset[str]:
        """Every value of a word that may be a variable; itself where nothing gives it one."""
        variable = _VARIABLE.fullmatch(word.strip("\"'"))
        if variable is None or depth > _DEEPEST:
            return frozenset({word.strip("\"'")})
        name = variable[1] or variable[2]
        given = set(self._given(name)) | self._assigned.get(name, frozenset())
        if variable[3]:
            given.add(variable[3].strip("\"'"))
        own = {word for word in given if (part := _VARIABLE.fullmatch(word)) and name in part.groups()}
        given = (given - own) | {part[3] for word in own if (part := _VARIABLE.fullmatch(word)) and part[3]}
        found = {value for each in given for value in self._values(each, depth + 1)}
        return frozenset(found or {word})

    def _given(self, name: str) -> list[str]:
        """What images, compose files and other files of the deployment give the variable."""
        found = [part for part in self._declared.get(name, ()) if part.value]
        deployed = [part for part in found if part.stage not in _NOT_DEPLOYED] or found
        return [part.value for part in deployed if part.value]


def _flat(command: Sequence[str]) -> list[str]:
    """The words, also those inside a text that a shell is given."""
    return [part for word in command for part in word.split()]


def _given_to_script(process: Process) -> list[str]:
    """`/entrypoint.sh gunicorn …` of `tini -- /entrypoint.sh gunicorn …`: the script, and what it is given."""
    words = _flat(process.words)
    names = {posixpath.basename(path) for path in process.scripts}
    at = next((number for number, word in enumerate(words) if posixpath.basename(word) in names), len(words))
    return words[at:]


def _passed_on(lines: Iterable[str], given: Sequence[str]) -> Iterator[Sequence[str]]:
    """`exec "$@" --timeout 60`: the command that a script is given, and what it adds."""
    for line in lines:
        words = _flat(command_words(line))
        if any(_ARGUMENTS.fullmatch(word) for word in words):
            yield [part for word in words for part in (given if _ARGUMENTS.fullmatch(word) else [word])]


def _server_at(command: Sequence[str]) -> int | None:
    """Where the name of the server stands that a command starts."""
    for number, word in enumerate(command):
        if posixpath.basename(word) in (GUNICORN, *_ENDLESS_SERVERS):
            return None if "install" in command[:number] else number
    return None


def _told(
    command: Sequence[str], values: Callable[[str], frozenset[str]]
) -> Mapping[str, frozenset[str]] | None:
    at = _server_at(command)
    if at is None or posixpath.basename(command[at]) != GUNICORN:
        return None
    parts = [
        piece for word in command[at + 1 :] for piece in (word.split("=", 1) if word[:2] == "--" else [word])
    ]
    return {_FLAGS[name]: values(value) for name, value in pairwise(parts) if name in _FLAGS}


def _embedded(modules: Iterable[Module]) -> Iterator[Mapping[str, frozenset[str]]]:
    """`class Server(BaseApplication)` with `{"timeout": 60, "worker_class": "sync"}`; what is no constant, nobody knows."""
    for module in modules:
        if any(part.module.startswith(_EMBEDS) for part in module.imports):
            for scope in mentioning([module], _TIMEOUT):
                for statement in scope.body.statements:
                    keys = _mapping(scope, statement.value)
                    if "timeout" in keys and not _OPTIONS.isdisjoint(keys):
                        yield {name: keys[name] for name in _FLAGS.values() if name in keys}


def _mapping(scope: Scope, value: Expression) -> dict[str, frozenset[str]]:
    """The keys of a mapping that is written out, with their values as texts."""
    if not isinstance(value, tuple) or value[0] != facts.MAPPING:
        return {}
    named = [(facts.constant(key), given) for key, given in zip(value[1], value[2], strict=True)]
    return {key: frozenset({_text(scope, given)}) for key, given in named if isinstance(key, str)}


def _text(scope: Scope, value: Expression, *, named: bool = True) -> str:
    """A constant, what a name of the module is given once, the default of `int(os.getenv("SECONDS", 60))`."""
    if type(value) is int:
        call = scope.body.calls[value]
        last = facts.last_name(call.callee)
        place = {"int": 0, "str": 0, "getenv": 1, "get": 1}.get(last, len(call.arguments))
        return _text(scope, call.arguments[place]) if place < len(call.arguments) else _NOBODY_KNOWS
    if isinstance(value, str) and named:
        given = [
            (other, part.value)
            for other in scope.module.scopes
            for part in other.body.statements
            if part.kind == "assign" and value in part.target
        ]
        return _text(*given[0], named=False) if len(given) == 1 else _NOBODY_KNOWS
    found = facts.constant(value)
    return str(found) if isinstance(found, int | str) else _NOBODY_KNOWS


def _started_by_code(modules: Iterable[Module]) -> Iterator[Sequence[str]]:
    """`Popen(["gunicorn", "--timeout", "60", "web:app"])`; what is no text is a word of its own."""
    for scope in mentioning(modules, _NAMES_GUNICORN):
        for call in scope.body.calls:
            for argument in call.arguments[:1]:
                if isinstance(argument, tuple) and argument[:1] == (facts.SEQUENCE,):
                    texts = [facts.constant(part) for part in argument[2]]
                    yield [text if isinstance(text, str) else "?" for text in texts]
