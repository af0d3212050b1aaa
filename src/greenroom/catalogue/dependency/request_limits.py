"""Does the server itself end a request that hangs: uWSGI's `harakiri`, gunicorn's `--timeout` for plain workers, AWS Lambda?"""

import posixpath
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from greenroom.catalogue.dependency.server_commands import GUNICORN, ServerCommands
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_HARAKIRI: Final = re.compile(
    r"^\s*(?:harakiri|UWSGI_HARAKIRI|- UWSGI_HARAKIRI)\s*[:=]\s*[\"']?[1-9]|"
    r"^[^#\n]*--harakiri(?:[=\s]|[\"'],\s*[\"']?)+[1-9]|^\s*ENV UWSGI_HARAKIRI[=\s]+[1-9]",
    re.MULTILINE,
)
_HARAKIRI_SET_ELSEWHERE: Final = re.compile(r"^\s*harakiri\s*=\s*\$\(", re.MULTILINE)
"""`harakiri = $(UWSGI_HARAKIRI)`."""
_OTHER_WORKERS: Final = frozenset(
    {"uvicorn", "hypercorn", "daphne", "granian", "waitress", "gevent", "eventlet", "cheroot"}
)
"""Packages that serve in another way, or let many requests wait in one worker."""
_LONGEST: Final = 600
"""Seconds: a worker that hangs for longer is as good as lost."""
_NUMBER: Final = re.compile(r"[1-9]\d*")
_SETTING: Final = re.compile(r"^(timeout|worker_class|threads)\s*=\s*(.+?)\s*(?:#.*)?$", re.MULTILINE)
_IN_ENVIRONMENT: Final = re.compile(r"(?:int\()?[\w.]+\(\s*[\"']\w+[\"'],\s*([^()]+)\)+")

_Told = Mapping[str, frozenset[str]]


class RequestLimits:
    """Answers for one project; its files are read only when somebody asks."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._servers = ServerCommands(project)

    @cached_property
    def end_requests(self) -> bool:
        """Whether the deployment says outright that the worker of a request that takes longer is replaced."""
        return self._says_harakiri() or self._is_gunicorn_with_limit() or self._is_on_lambda_alone()

    @cached_property
    def may_end_requests(self) -> bool:
        """The same, and where no server is started that is known to wait without an end: gunicorn's workers may be given a limit anywhere."""
        told = self._servers.told
        return (
            self.end_requests
            or not told
            or any(part is not None for part in told)
            or self._says(_HARAKIRI_SET_ELSEWHERE)
        )

    def _says_harakiri(self) -> bool:
        """`harakiri = 60` of uWSGI, or `--harakiri 60`."""
        return self._says(_HARAKIRI)

    def _says(self, pattern: re.Pattern[str]) -> bool:
        """Whether a file of the deployment does; `uwsgi.conf` is as good as `uwsgi.ini`."""
        inventory = self._project.inventory
        named = (path for path in inventory.documents if path.endswith(".conf"))
        return any(pattern.search(inventory.read_text(path)) for path in (*inventory.other, *named))

    def _is_on_lambda_alone(self) -> bool:
        """Zappa hands each request to a call of AWS Lambda, which ends after 15 minutes at most, mostly after seconds."""
        inventory = self._project.inventory
        paths = (*inventory.other, *inventory.documents)
        zappa = any(posixpath.basename(path).startswith("zappa_settings.") for path in paths)
        return zappa and not self._servers.told

    def _is_gunicorn_with_limit(self) -> bool:
        """`gunicorn --timeout 60` of workers that do one thing at a time, with no other server beside it."""
        told = [part for part in self._servers.told if part is not None]
        if not told or len(told) < len(self._servers.told):
            return False
        known = [configured for part in told if (configured := self._configured(part)) is not None]
        return (
            len(known) == len(told)
            and all(map(_works_one_by_one, known))
            and any(part.get("timeout") for part in known)
            and not self._serves_otherwise()
        )

    def _configured(self, told: _Told) -> _Told | None:
        """What the command says, and beneath it its configuration; None where that is not in the project."""
        named = {_module_name(path) for path in told.get("config", ())}
        texts = self._configurations
        found = [text for name, text in texts.items() if name in named] or list(texts.values())
        if named and not found:
            return None
        return {**{name: value for text in found for name, value in _settings(text).items()}, **told}

    @cached_property
    def _configurations(self) -> Mapping[str, str]:
        """`gunicorn.conf.py`, and other modules that bear its name, by the name of the file."""
        return {
            posixpath.basename(module.path): self._project.inventory.read_text(module.path)
            for module in self._project.modules.values()
            if module.kind is not FileKind.TEST and GUNICORN in posixpath.basename(module.path)
        }

    def _serves_otherwise(self) -> bool:
        return any(
            part.level == 0 and (part.module or part.name or "").partition(".")[0] in _OTHER_WORKERS
            for module in self._project.production()
            for part in module.imports
        )


def _module_name(path: str) -> str:
    """`/srv/gunicorn.conf.py`, `file:gunicorn.conf.py`, `python:shop.gunicorn_conf`: the file's own name."""
    kind, _, rest = path.rpartition(":")
    return f"{rest.rpartition('.')[2]}.py" if kind == "python" else posixpath.basename(rest)


def _settings(text: str) -> _Told:
    found = {}
    for name, value in _SETTING.findall(text):
        given = _IN_ENVIRONMENT.fullmatch(value)
        found[name] = frozenset({(given[1] if given else value).strip("\"' ")})
    return found


def _works_one_by_one(told: _Told) -> bool:
    """Whether its workers are of the plain kind, of which one that hangs is killed."""
    return all(
        _is_plain(name, value)
        for name, default in (("worker_class", "sync"), ("threads", "1"), ("timeout", "30"))
        for value in told.get(name, frozenset({default}))
    )


def _is_plain(name: str, value: str) -> bool:
    if name == "worker_class":
        return value == "sync"
    if name == "threads":
        return value == "1"
    return _NUMBER.fullmatch(value) is not None and int(value) < _LONGEST
