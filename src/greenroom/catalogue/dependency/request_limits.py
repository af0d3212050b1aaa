"""Does the server itself end a request that hangs: uWSGI's `harakiri`, or gunicorn's `--timeout` for its plain workers?"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Final

from greenroom.detect.search import mentioning, words
from greenroom.project.code import facts
from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.settings.dockerfile import command_words
from greenroom.project.settings.processes import find_processes

_HARAKIRI: Final = re.compile(
    r"^\s*(?:harakiri|UWSGI_HARAKIRI|- UWSGI_HARAKIRI)\s*[:=]\s*[\"']?[1-9]|"
    r"^[^#\n]*--harakiri(?:[=\s]|[\"'],\s*[\"']?)+[1-9]|^\s*ENV UWSGI_HARAKIRI[=\s]+[1-9]",
    re.MULTILINE,
)
_GUNICORN: Final = "gunicorn"
_NAMES_GUNICORN: Final = words(_GUNICORN)
_ENDLESS_SERVERS: Final = frozenset(
    {"uvicorn", "hypercorn", "daphne", "granian", "waitress", "waitress-serve", "uwsgi", "fastapi"}
)
_OTHER_WORKERS: Final = frozenset(
    {"uvicorn", "hypercorn", "daphne", "granian", "waitress", "gevent", "eventlet", "cheroot"}
)
"""Packages that serve in another way, or let many requests wait in one worker."""
_LONGEST: Final = 600
"""Seconds: a worker that hangs for longer is as good as lost."""
_NUMBER: Final = re.compile(r"[1-9]\d*")
_FLAGS: Final = {
    "-t": "timeout", "--timeout": "timeout", "-k": "worker_class", "--worker-class": "worker_class",
    "--threads": "threads", "-c": "config", "--config": "config",
}  # fmt: skip
_SETTING: Final = re.compile(r"^(timeout|worker_class|threads)\s*=\s*(.+?)\s*(?:#.*)?$", re.MULTILINE)
_IN_ENVIRONMENT: Final = re.compile(r"(?:int\()?[\w.]+\(\s*[\"']\w+[\"'],\s*([^()]+)\)+")
_SAYS: Final = re.compile(r"\s*(?:#|echo\b|printf\b)")
_OURS: Final = (FileKind.PRODUCTION, FileKind.SCRIPT)


class RequestLimits:
    """Answers for one project; its files are read only when somebody asks."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def end_requests(self) -> bool:
        """Whether the deployment says outright that the worker of a request that takes longer is replaced."""
        return self._says_harakiri() or self._is_gunicorn_with_limit()

    def _says_harakiri(self) -> bool:
        """`harakiri = 60` of uWSGI, or `--harakiri 60`."""
        inventory = self._project.inventory
        return any(_HARAKIRI.search(inventory.read_text(path)) for path in inventory.other)

    def _is_gunicorn_with_limit(self) -> bool:
        """`gunicorn --timeout 60` of workers that do one thing at a time, with no other server beside it."""
        told = [_told(command) for command in self._commands]
        configured = self._configured
        if (
            not told
            or any(part is None for part in told)
            or any(part and part.get("config") and not configured for part in told)
        ):
            return False
        known = [{**configured, **part} for part in told if part is not None]
        return (
            all(map(_works_one_by_one, known))
            and any(part.get("timeout") for part in known)
            and not self._serves_otherwise()
        )

    @cached_property
    def _commands(self) -> list[Sequence[str]]:
        """The words of each server that is started, by the deployment, its scripts or the project's own code."""
        project = self._project
        found: list[Sequence[str]] = []
        inventory = project.inventory
        for process in find_processes(project.configuration, inventory, project.manifest, project.symbols):
            found.append(_flat(process.words))
            for path in process.scripts:
                text = inventory.read_text(path).replace("\\\n", " ")
                found += [_flat(command_words(line)) for line in text.splitlines() if not _SAYS.match(line)]
        found += _started_by_code(module for module in project.modules.values() if module.kind in _OURS)
        return [command for command in found if _server_at(command) is not None]

    @cached_property
    def _configured(self) -> Mapping[str, str]:
        """What `gunicorn.conf.py` sets, or another module of such a name."""
        found: dict[str, str] = {}
        for module in self._project.production():
            if _GUNICORN in posixpath.basename(module.path):
                for name, value in _SETTING.findall(self._project.inventory.read_text(module.path)):
                    given = _IN_ENVIRONMENT.fullmatch(value)
                    found[name] = (given[1] if given else value).strip("\"' ")
        return found

    def _serves_otherwise(self) -> bool:
        return any(
            part.level == 0 and (part.module or part.name or "").partition(".")[0] in _OTHER_WORKERS
            for module in self._project.production()
            for part in module.imports
        )


def _flat(command: Sequence[str]) -> list[str]:
    """The words, also those inside a text that a shell is given."""
    return [part for word in command for part in word.split()]


def _server_at(command: Sequence[str]) -> int | None:
    """Where the name of the server stands that a command starts."""
    for number, word in enumerate(command):
        if posixpath.basename(word) in (_GUNICORN, *_ENDLESS_SERVERS):
            return None if "install" in command[:number] else number
    return None


def _told(command: Sequence[str]) -> Mapping[str, str] | None:
    """What a command tells gunicorn; None of a server that ends no request."""
    at = _server_at(command)
    if at is None or posixpath.basename(command[at]) != _GUNICORN:
        return None
    parts = [
        piece for word in command[at + 1 :] for piece in (word.split("=", 1) if word[:2] == "--" else [word])
    ]
    return {_FLAGS[name]: value for name, value in pairwise(parts) if name in _FLAGS}


def _works_one_by_one(told: Mapping[str, str]) -> bool:
    """Whether its workers are of the plain kind, of which one that hangs is killed."""
    timeout = told.get("timeout", "30")
    return (
        told.get("worker_class", "sync") == "sync"
        and told.get("threads", "1") == "1"
        and _NUMBER.fullmatch(timeout) is not None
        and int(timeout) < _LONGEST
    )


def _started_by_code(modules: Iterable[Module]) -> Iterator[Sequence[str]]:
    """`Popen(["gunicorn", "--timeout", "60", "web:app"])`; what is no text is a word of its own."""
    for scope in mentioning(modules, _NAMES_GUNICORN):
        for call in scope.body.calls:
            for argument in call.arguments[:1]:
                if isinstance(argument, tuple) and argument[:1] == (facts.SEQUENCE,):
                    texts = [facts.constant(part) for part in argument[2]]
                    yield [text if isinstance(text, str) else "?" for text in texts]
