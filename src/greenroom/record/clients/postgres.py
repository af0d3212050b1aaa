"""The drivers of PostgreSQL: psycopg 2 and 3, asyncpg."""

import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from greenroom.record.clients.client import Args, Client, Point, Role

_KNOWN: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def _spelled(host: Any, port: Any, database: Any) -> str:
    return f"{host or ''}:{port or 5432}/{database or ''}"


def _of_cursor(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    connection = args[0].connection
    known = _KNOWN.get(connection)
    if known is None:
        info = connection.info
        known = _KNOWN[connection] = _spelled(info.host, info.port, info.dbname)
    return known


def _given(words: Mapping[str, Any], text: Any, package: str) -> str:
    parsed: Mapping[str, Any] = {}
    if isinstance(text, str) and "://" in text:
        parts = urlsplit(text)
        parsed = {"host": parts.hostname, "port": parts.port, "dbname": parts.path.strip("/")}
    elif isinstance(text, str) and text:
        reader = getattr(sys.modules.get(f"{package}.conninfo"), "conninfo_to_dict", None)
        parsed = reader(text) if reader else dict(part.split("=", 1) for part in text.split())
    found = {**parsed, **{name: value for name, value in words.items() if value is not None}}
    return _spelled(found.get("host"), found.get("port"), found.get("dbname") or found.get("database"))


def _psycopg(args: Args, words: dict[str, Any]) -> str:
    return _given(words, args[1] if len(args) > 1 else words.get("conninfo"), "psycopg")


def _psycopg2(args: Args, words: dict[str, Any]) -> str:
    return _given(words, args[0] if args else words.get("dsn"), "psycopg2")


def _asyncpg(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    return _given(words, words.get("dsn"), "asyncpg")


def _of_asyncpg(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    connection = args[0]
    address = connection._addr  # noqa: SLF001
    host, port = address if isinstance(address, tuple) else (address, "")
    return _spelled(host, port, connection._params.database)  # noqa: SLF001


def _wire(module: str, owner: str, names: tuple[str, ...], peer: Any) -> Point:
    return Point(module=module, owner=owner, names=names, role=Role.WIRE, peer=peer)


_CURSOR = ("execute", "executemany")
_ASYNCPG = ("execute", "_execute", "_executemany")

CLIENTS = (
    Client(
        library="psycopg",
        kind="database",
        points=(
            _wire("psycopg.cursor", "Cursor", _CURSOR, _of_cursor),
            _wire("psycopg.cursor_async", "AsyncCursor", _CURSOR, _of_cursor),
            _wire("psycopg.connection", "Connection", ("connect",), _psycopg),
            _wire("psycopg.connection_async", "AsyncConnection", ("connect",), _psycopg),
        ),
    ),
    Client(
        library="psycopg2",
        kind="database",
        points=(
            _wire("psycopg2", "", ("connect",), _psycopg2),
            _wire("psycopg2.extensions", "cursor", _CURSOR, _of_cursor),
        ),
    ),
    Client(
        library="asyncpg",
        kind="database",
        points=(
            _wire("asyncpg.connection", "Connection", _ASYNCPG, _of_asyncpg),
            _wire("asyncpg.connect_utils", "", ("_connect",), _asyncpg),
        ),
    ),
)
