"""Failures of the database in words: what happened, to which store, and what to do now."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from greenroom.store.errors import StoreError
from greenroom.store.location import StoreLocation

_FULL: Final = "the disk is full. Make room and repeat the command; nothing that was there is lost."
_BUSY: Final = "another process has been writing to it for too long. Wait for it and repeat the command."
_READ_ONLY: Final = (
    "it cannot be written. Give yourself the right to write to it and its folder, or set another `store`."
)
_DAMAGED: Final = "it is damaged, or no database. Nothing was changed: put a copy of it back, or move it away to begin a new one."
_BY_SQLITE: Final = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: "the disk refuses. See whether it is full or failing, and repeat the command.",
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened. See that its folder is there and that you may read and write it.",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
"""By the primary code: the last eight bits of what SQLite reports."""

_UNREACHABLE: Final = (
    "the server cannot be reached, or went away. See that it runs and that the address is right."
)
_BY_POSTGRES: Final = {
    "08": _UNREACHABLE,
    "28": "the server does not let this user in. See user and password, in the address or in ~/.pgpass.",
    "3D": "there is no such database. Create it: createdb NAME",
    "42501": "this user may not do that. Grant it the right to create tables and to write.",
    "3F000": "there is no schema to create tables in. Create the one that the address names.",
    "53100": _FULL,
    "53300": "the server has no connection left. Wait and repeat the command.",
    "55P03": _BUSY,
    "57P": _UNREACHABLE,
    "25006": "the server only reads. Name the one that writes.",
    "XX001": "its data are damaged. Ask who runs the server.",
}
"""By SQLSTATE or how it begins."""


@contextmanager
def explained(location: StoreLocation) -> Iterator[None]:
    """Turn failures of the database into ours.

    Raises:
        StoreError: something of the database failed.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(_explain(location, error)) from error


def damaged(location: StoreLocation, reason: str) -> StoreError:
    """The error for content that no Greenroom has written."""
    return StoreError(f"the store {location}: {_DAMAGED} ({reason})")


def _explain(location: StoreLocation, error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else None
    told = location.without_secrets(" ".join(str(cause or error).split()))
    return f"the store {location}: {_advice(cause)} ({told})"


def _advice(cause: BaseException | None) -> str:
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    state = getattr(cause, "sqlstate", None)
    if state:
        known = (state, state[:3], state[:2])
        return next((_BY_POSTGRES[key] for key in known if key in _BY_POSTGRES), "the server refuses.")
    # A connection that was never made has no state, only the words of the server or of the network.
    return _without_state(str(cause))


def _of_sqlite(cause: sqlite3.Error) -> str:
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        return _DAMAGED if "decode" in str(cause) else "SQLite refuses."
    return _BY_SQLITE.get(code & 0xFF, "SQLite refuses.")


def _without_state(words: str) -> str:
    if "authentication failed" in words or "no password supplied" in words or "pg_hba.conf" in words:
        return _BY_POSTGRES["28"]
    if "database" in words and "does not exist" in words:
        return _BY_POSTGRES["3D"]
    return _UNREACHABLE
