"""Which services the pipelines of a project start before they run its tests: there, none is missing."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from greenroom.catalogue.tests.skip_conditions import Skip
from greenroom.project.project import Project
from greenroom.project.settings.compose import ComposeFile

_IMAGE: Final = re.compile(r"(?:^|\s)image:\s*[\"']?([\w./-]+)")
_LISTED: Final = re.compile(r"^\s*-\s*(?:name:\s*)?[\"']?([\w./-]+):[\w.-]+[\"']?\s*$", re.MULTILINE)
_SERVICES: Final = re.compile(r"^\s*services:", re.MULTILINE)
_RUN: Final = re.compile(r"\bdocker(?:\s+container)?\s+run\s+([^\n]*)")
_UP: Final = re.compile(r"\bdocker[- ]compose\b([^\n]*?)\s(?:up|start)\b")
_FILE_OPTION: Final = re.compile(r"(?:-f|--file)[ =][\"']?(\S+?)[\"']?(?=\s|$)")
_PUBLISHED: Final = re.compile(r"(?:-p|--publish)[ =][\"']?(?:[\d.]+:)?(\d{4,5}):")
_TAGGED: Final = re.compile(r"(?<![\w./:-])([a-z][\w./-]*):[\w.-]+(?=\s|$)")
_NAMED: Final = re.compile(r"--name[ =]([\w-]+)")
_OF_TOX: Final = re.compile(r"^\[docker:([\w-]+)\]", re.MULTILINE)
_REMARK: Final = re.compile(r"(?m)^\s*#.*$|\s#\s.*$")
_CONTINUED: Final = re.compile(r"\\\n\s*")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_]\w*")
_LONGEST: Final = 2
"""Lines below the first that belong to a constant."""
_PORT: Final = re.compile(r"(?<!\d)(\d{4,5})(?!\d)")
_SAY_NOTHING: Final = frozenset({
    "test", "tests", "testing", "server", "service", "services", "docker", "latest", "library", "alpine", "mock", "local", "main",
    "http", "cache", "store", "data", "image", "ghcr", "bitnami", "backend", "frontend", "worker", "integration", "default",
})  # fmt: skip
_ASKS: Final = re.compile(
    r"(?:ping|connect\w*|from_url|from_env|get|head|request|run|info|\w*Client|Redis|get_client|get_collections|create_engine|execute|wait\w*)\("
)
"""A call that only finds out whether somebody is there; what fails behind others may be the product."""
_SHORTEST: Final = 4
_ALSO: Final = {
    "postgres": ("psycopg", "asyncpg", "pg_"), "postgresql": ("postgres", "psycopg", "asyncpg"), "postgis": ("postgres", "psycopg"),
    "pgvector": ("postgres", "psycopg", "asyncpg"), "mariadb": ("mysql",), "valkey": ("redis",), "rabbitmq": ("pika", "amqp"),
    "minio": ("boto3", "s3_"), "localstack": ("boto3", "s3_"), "mongo": ("pymongo",),
}  # fmt: skip


class _Started(NamedTuple):
    """What a pipeline starts, by the names of its images and services, and by the ports of the host."""

    names: frozenset[str]
    ports: frozenset[str]


class StartedInPipeline:
    """Answers for one project."""

    def __init__(self, project: Project, pipelines: Iterable[str]) -> None:
        """Take the project, and the paths of the pipelines that run tests."""
        self._project = project
        texts = [
            _CONTINUED.sub(" ", _REMARK.sub("", project.inventory.read_text(path))) for path in pipelines
        ]
        parts = [part for text in texts for part in (*_in_text(text), *self._composed(text))]
        self._started = _Started(
            frozenset(name for part in parts for name in part.names),
            frozenset(port for part in parts for port in part.ports),
        )
        self._uses_docker = any(_RUN.search(text) or _UP.search(text) for text in texts)

    def has(self, skip: Skip) -> bool:
        """Whether what the skip asks for is among it: by its port, or by its name."""
        if skip.kind != "service" and not _ASKS.search(skip.thing):
            return False
        text = f"{skip.thing} {skip.place.symbol} {self._spoken(skip)}".lower()
        if self._uses_docker and "docker" in f"{skip.thing} {skip.place.symbol}".lower():
            return True
        return not self._started.ports.isdisjoint(_PORT.findall(text)) or any(
            word in text for name in self._started.names for word in (name, *_ALSO.get(name, ()))
        )

    def _spoken(self, skip: Skip) -> str:
        """What the lines around it say, with the constants and helpers of its file that they name."""
        module = self._project.modules.get(skip.place.path)
        if module is None:
            return ""
        lines = self._project.inventory.read_text(module.path).splitlines()
        holder = next((part for part in module.scopes if part.qualname == skip.place.symbol), module.top)
        first, last = (
            (holder.line, holder.end_line) if holder.is_function else (skip.place.line, skip.end_line)
        )
        said = "\n".join(lines[first - 1 : last])
        for part in module.top.children:
            if part.is_function and part is not holder and part.name in _IDENTIFIER.findall(said):
                said = "\n".join([said, *lines[part.line - 1 : part.end_line]])
        names = set(_IDENTIFIER.findall(said))
        for given in module.top.body.statements:
            if given.kind == "assign" and not names.isdisjoint(
                name for name in given.target if isinstance(name, str)
            ):
                said = "\n".join([said, *lines[given.line - 1 : given.line + _LONGEST]])
        return said

    def _composed(self, text: str) -> Iterator[_Started]:
        for options in _UP.findall(text):
            named = {path.rpartition("/")[2] for path in _FILE_OPTION.findall(options)}
            for path, compose in self._project.configuration.compose.items():
                if path.rpartition("/")[2] in named or (not named and compose.stage != "production"):
                    yield _in_compose(compose)


def _in_text(text: str) -> Iterator[_Started]:
    if _SERVICES.search(text):
        yield _Started(_words((*_IMAGE.findall(text), *_LISTED.findall(text))), frozenset())
    yield _Started(_words(_OF_TOX.findall(text)), frozenset())
    for line in _RUN.findall(text):
        names = (*_NAMED.findall(line), *_TAGGED.findall(line))
        yield _Started(_words(names), frozenset(_PUBLISHED.findall(line)))


def _in_compose(compose: ComposeFile) -> _Started:
    services = compose.services.values()
    names = [name for part in services for name in (part.name, part.image.partition(":")[0])]
    return _Started(_words(names), frozenset(port for part in services for port, _ in part.published()))


def _words(names: Iterable[str]) -> frozenset[str]:
    """`mock`, `oauth2` and `server` of `ghcr.io/navikt/mock-oauth2-server`, without what says nothing."""
    found = {
        word
        for name in names
        for word in re.split(r"[^a-z0-9]+", name.rpartition("/")[2].lower())
    }  # fmt: skip
    return frozenset(word for word in found - _SAY_NOTHING if len(word) >= _SHORTEST)
