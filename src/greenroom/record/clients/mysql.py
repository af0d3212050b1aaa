"""The drivers of MySQL and MariaDB: pymysql, aiomysql, mysqlclient, mysql-connector-python."""

import re
from typing import Any
from weakref import WeakKeyDictionary

from greenroom.record.clients.client import Args, Client, Point, Role

_USE = re.compile(r"\s*use\s+(?:`([^`]+)`|([^\s;`]+))", re.IGNORECASE)
_LONGEST = 200
"""Characters of a statement that are looked at: a name has 64 at most."""
_CHOSEN: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
"""Connection → the database that was chosen last. The drivers know only the one that they connected with."""


def _spelled(host: Any, port: Any, path: Any, database: Any) -> str:
    name = database.decode() if isinstance(database, bytes) else database or ""
    return f"{path or '{}:{}'.format(host or 'localhost', port or 3306)}/{name}"


def _attribute(connection: Any, name: str) -> Any:
    """One driver keeps it in public, another does not; their properties, which may ask the server, are passed over."""
    held = vars(connection)
    return held.get(name, held.get(f"_{name}"))


def _connecting(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    """Also anew, to the database that it was made for."""
    connection = args[0]
    database = _attribute(connection, "db") or _attribute(connection, "database")
    return _at(connection, database)


def _address(args: Args, words: dict[str, Any]) -> str:
    connection = args[0]
    return _at(connection, _CHOSEN[connection]) if connection in _CHOSEN else _connecting(args, words)


def _at(connection: Any, database: Any) -> str:
    host, port = _attribute(connection, "host"), _attribute(connection, "port")
    return _spelled(host, port, _attribute(connection, "unix_socket"), database)


def _begins(args: Args, words: dict[str, Any]) -> None:  # noqa: ARG001
    """Connected anew: whatever was chosen is chosen no more."""
    _CHOSEN.pop(args[0], None)


def _selects(args: Args, words: dict[str, Any]) -> None:
    """The one argument is the database."""
    (database,) = (*args[1:], *words.values())
    _CHOSEN[args[0]] = database.decode() if isinstance(database, bytes) else str(database)


def _asks(args: Args, words: dict[str, Any]) -> None:
    """`USE shop` in SQL."""
    statement: Any = args[1] if len(args) > 1 else words.get("sql", words.get("query", ""))
    head = statement[:_LONGEST]
    found = _USE.match(head if isinstance(head, str) else bytes(head).decode(errors="replace"))
    if found:
        _CHOSEN[args[0]] = found[1] or found[2]


_GIVEN: WeakKeyDictionary[Any, tuple[Any, Any, Any]] = WeakKeyDictionary()
"""Connection of mysqlclient → host, port and socket, which it does not tell afterwards."""


def _words_of(args: Args, words: dict[str, Any]) -> dict[str, Any]:
    return (
        dict(zip(("host", "user", "password", "database", "port", "unix_socket"), args[1:], strict=False))
        | words
    )


def _at_first(args: Args, words: dict[str, Any]) -> str:
    given = _words_of(args, words)
    database = given.get("database", given.get("db"))
    return _spelled(given.get("host"), given.get("port"), given.get("unix_socket"), database)


def _made(args: Args, words: dict[str, Any]) -> None:
    given = _words_of(args, words)
    _GIVEN[args[0]] = given.get("host"), given.get("port"), given.get("unix_socket")
    _CHOSEN[args[0]] = str(given.get("database", given.get("db")) or "")


def _given(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    return _spelled(*_GIVEN.get(args[0], (None, None, None)), _CHOSEN.get(args[0]))


def _chooses(module: str, owner: str, name: str, chosen: Any) -> Point:
    return Point(module=module, owner=owner, names=(name,), role=Role.CHOOSES, chosen=chosen)


def _wire(module: str, owner: str, name: str, peer: Any) -> Point:
    return Point(module=module, owner=owner, names=(name,), role=Role.WIRE, peer=peer)


def _points(module: str, owner: str, connects: str, selects: str, asks: str) -> tuple[Point, ...]:
    """Connecting, choosing a database and sending a statement, by the names that this driver has for them."""
    return (
        _chooses(module, owner, connects, _begins),
        _chooses(module, owner, selects, _selects),
        _chooses(module, owner, asks, _asks),
        _wire(module, owner, connects, _connecting),
        _wire(module, owner, selects, _address),
        _wire(module, owner, asks, _address),
    )


_MYSQLCLIENT, _IN_C = ("MySQLdb.connections", "Connection"), ("MySQLdb._mysql", "connection")
_CONNECTOR = ("cmd_init_db", "cmd_query")

CLIENTS = (
    Client(
        library="pymysql",
        kind="database",
        points=_points("pymysql.connections", "Connection", "connect", "select_db", "query"),
    ),
    Client(
        library="aiomysql",
        kind="database",
        points=_points("aiomysql.connection", "Connection", "_connect", "select_db", "query"),
    ),
    Client(
        library="mysqlclient",
        kind="database",
        points=(
            _chooses(*_MYSQLCLIENT, "__init__", _made),
            _chooses(*_IN_C, "select_db", _selects),
            _chooses(*_MYSQLCLIENT, "query", _asks),
            _wire(*_MYSQLCLIENT, "__init__", _at_first),
            _wire(*_IN_C, "select_db", _given),
            _wire(*_MYSQLCLIENT, "query", _given),
        ),
    ),
    Client(
        library="mysql-connector-python",
        kind="database",
        points=(
            *_points("mysql.connector.connection", "MySQLConnection", "_open_connection", *_CONNECTOR),
            *_points("mysql.connector.connection_cext", "CMySQLConnection", "_open_connection", *_CONNECTOR),
            *_points("mysql.connector.aio.connection", "MySQLConnection", "connect", *_CONNECTOR),
        ),
    ),
)
