"""Time limits that stand elsewhere: on the server, in an address of the configuration, for all sockets."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.catalogue.dependency.local_files import FLASK_ADDRESS, is_flask_in_file, is_local_file
from greenroom.detect.search import words
from greenroom.project.code import facts
from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.libraries.library import Effect
from greenroom.project.project import Project

_ON_SERVER = ("statement_timeout", "max_execution_time")
# An option of one client: it may come from elsewhere in the project to an engine, not to a plain call of the driver.
_OF_CLIENT = ("command_timeout", "tcp_user_timeout")
_FLASK = "flask-sqlalchemy"
_GENERIC = ("sqlalchemy", "sqlmodel", _FLASK)
_FLASK_OPTIONS = "SQLALCHEMY_ENGINE_OPTIONS"
_OPTIONS_OF_CLIENT = re.compile(_FLASK_OPTIONS + r"[\s\S]{0,600}?connect_args")
# The standard library, and two that leave a socket's limit alone where they are given none; requests sets it to none.
_KEEP_TO_SOCKETS = ("", "urllib3", "httplib2")
_IN_ADDRESS = re.compile(
    r"\b(?:rediss?|valkeys?|postgres\w*|mysql|mariadb|mongodb|amqps?)[\w+]*://\S*timeout", re.IGNORECASE
)
# Without one of these, SQLAlchemy can only talk to SQLite.
_SERVER_DRIVERS = frozenset(
    {
        "psycopg2", "psycopg2-binary", "psycopg", "psycopg-binary", "asyncpg", "pg8000", "pymysql", "mysqlclient",
        "aiomysql", "asyncmy", "mysql-connector-python", "oracledb", "cx-oracle", "pyodbc", "aioodbc", "pymssql",
        "clickhouse-sqlalchemy", "snowflake-sqlalchemy", "sqlalchemy-bigquery", "duckdb-engine", "psycopg2cffi",
    }
)  # fmt: skip


class ServerLimits:
    """Answers for one project; files are read only when somebody asks."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def accepts(self, crossing: Crossing) -> bool:
        """Whether a database client without a limit in the code is limited, or no server's."""
        if crossing.limit.connect_given:
            return True
        return (
            self._is_local(crossing)
            or self._on_server
            or self._of_client(crossing)
            or (crossing.effect.distribution.lower() == _FLASK and self._in_options_of_flask())
        )

    def _is_local(self, crossing: Crossing) -> bool:
        if is_local_file(crossing):
            return True
        if crossing.address:
            return False
        if _under_sqlite(crossing) or _is_told_of_threads(crossing):
            return True
        if crossing.effect.distribution.lower() == _FLASK and self._is_flask_in_file:
            return True
        generic = _is_generic(crossing)
        manifest = self._project.manifest
        return generic and manifest.has_any and not manifest.declared & _SERVER_DRIVERS

    @cached_property
    def _is_flask_in_file(self) -> bool:
        inventory = self._project.inventory
        code = (module.path for module in self._naming((FLASK_ADDRESS,)))
        others = (path for path in inventory.other if FLASK_ADDRESS in inventory.read_text(path))
        return is_flask_in_file(inventory.read_text(path) for path in (*code, *others))

    @cached_property
    def _on_server(self) -> bool:
        return self._in_other_files(_ON_SERVER) or any(self._naming(_ON_SERVER))

    def _of_client(self, crossing: Crossing) -> bool:
        naming = self._naming_clients
        return self._clients_told or (
            bool(naming) if _is_generic(crossing) else crossing.scope.module in naming
        )

    @cached_property
    def _clients_told(self) -> bool:
        return self._in_other_files(_OF_CLIENT)

    @cached_property
    def _naming_clients(self) -> list[Module]:
        return list(self._naming(_OF_CLIENT))

    def _in_options_of_flask(self) -> bool:
        paths = [module.path for module in self._naming((_FLASK_OPTIONS,))]
        return self._matches(_OPTIONS_OF_CLIENT, paths)

    def _naming(self, texts: tuple[str, ...]) -> Iterator[Module]:
        """Files of production whose code names one of these."""
        needles = words(*texts)
        return (module for module in self._project.production() if module.places(needles))

    def _in_other_files(self, texts: tuple[str, ...]) -> bool:
        """Looked for one by one: a pattern that has a choice reads a hundred times as slowly."""
        inventory = self._project.inventory
        return any(text in inventory.read_text(path) for path in inventory.other for text in texts)

    @cached_property
    def url_has_limit(self) -> bool:
        """Whether an address in the project's configuration files carries a time limit."""
        return self._matches(_IN_ADDRESS, self._project.inventory.other)

    def _matches(self, pattern: re.Pattern[str], paths: Iterable[str]) -> bool:
        return any(pattern.search(self._project.inventory.read_text(path)) for path in paths)

    def global_limit(self, effect: Effect) -> bool:
        """Whether `socket.setdefaulttimeout` holds for it: the standard library keeps to it."""
        if effect.distribution not in _KEEP_TO_SOCKETS:
            return False
        return self._sockets_have_one

    @cached_property
    def _sockets_have_one(self) -> bool:
        return any(
            edge.symbol == "socket.setdefaulttimeout" and edge.caller.module.kind is not FileKind.TEST
            for edge in self._project.graph.all_edges()
        )


def _is_generic(crossing: Crossing) -> bool:
    """An engine that is given its driver's options, from wherever."""
    return crossing.effect.distribution.lower() in _GENERIC


def _is_told_of_threads(crossing: Crossing) -> bool:
    """`connect_args={"check_same_thread": False}`: drivers of servers refuse what only SQLite's takes."""
    given = crossing.call.keyword("connect_args")
    return (
        isinstance(given, tuple)
        and given[0] == facts.MAPPING
        and any(facts.constant(key) == "check_same_thread" for key in given[1])
    )


def _under_sqlite(crossing: Crossing) -> bool:
    """Built under `if url.startswith("sqlite"):`, `if is_memory_sqlite(url):`."""
    body = crossing.scope.body
    for block in body.enclosing(crossing.call.block):
        if block.kind == "if":
            parts = list(facts.walk(block.detail))
            parts += [
                given
                for part in parts if type(part) is int
                for given in (body.calls[part].callee, *body.calls[part].arguments)
            ]  # fmt: skip
            if any(
                "sqlite" in str(facts.constant(part) or part).casefold()
                for part in parts
                if not isinstance(part, int)
            ):
                return True
    return False
