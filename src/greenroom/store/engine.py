"""The connection to a store: SQLite in a file, or PostgreSQL on a server."""

from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from greenroom.store.errors import StoreError
from greenroom.store.location import StoreLocation
from greenroom.store.waiting import told_while_waiting

WRITES: Final = "greenroom_writes"
"""The execution option of a connection that is going to write."""

_SECONDS_TO_CONNECT: Final = 10
LOCK: Final = 0x67726E726D
"""The number of the lock that writers take on a server: `grnrm`."""


def make_engine(location: StoreLocation, patience: timedelta) -> Engine:
    """Connects when it is used; each connection is closed when it was.

    Args:
        location: A file or a server.
        patience: How long to wait for another process that writes.

    Raises:
        StoreError: the address cannot be used.
    """
    return _server(location, patience) if location.file is None else _file(location, patience)


def _file(location: StoreLocation, patience: timedelta) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(location.file)),
        connect_args={"timeout": patience.total_seconds(), "isolation_level": None},
        poolclass=NullPool,
    )
    # Python's own transactions leave CREATE TABLE outside and begin late; these are SQLite's.
    event.listen(engine, "begin", partial(_begin, location, patience))
    event.listen(engine, "connect", _keep_references)
    return engine


def _begin(location: StoreLocation, patience: timedelta, connection: Connection) -> None:
    """Lock at once: two writers that first read would wait for each other, and nobody is to wait in silence."""
    with told_while_waiting(location, patience):
        if connection.get_execution_options().get(WRITES):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("BEGIN")
            connection.exec_driver_sql("PRAGMA schema_version")


def _keep_references(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


def _server(location: StoreLocation, patience: timedelta) -> Engine:
    if find_spec("psycopg") is None:
        message = (
            f"the store {location} is a PostgreSQL server, and its driver is not installed. "
            "Install it: pip install 'greenroom[postgres]'"
        )
        raise StoreError(message)
    try:
        url = make_url(location.address).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError) as error:
        message = (
            f"the address of the store {location} cannot be read: {location.without_secrets(str(error))}. "
            "Write it as postgresql://user@host/database; special characters of a password as %40 and the like."
        )
        raise StoreError(message) from None
    defaults = {"connect_timeout": _SECONDS_TO_CONNECT, "application_name": "greenroom"}
    chosen = {name: value for name, value in defaults.items() if name not in url.query}
    engine = create_engine(url, connect_args=chosen, poolclass=NullPool)
    milliseconds = int(patience.total_seconds() * 1000)

    def lock(connection: Connection) -> None:
        """One writer at a time, as in a file; readers are not held up."""
        if connection.get_execution_options().get(WRITES):
            connection.execute(text(f"SET LOCAL lock_timeout = {milliseconds}"))
            with told_while_waiting(location, patience):
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))

    event.listen(engine, "begin", lock)
    return engine
