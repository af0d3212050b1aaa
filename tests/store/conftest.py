"""A real PostgreSQL server for all tests of this folder, started when the first one asks for it."""

from collections.abc import Iterator

import pytest

from tests.postgres import PostgresServer, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["file", "server"])
def address(request: pytest.FixtureRequest) -> str:
    """Where the store is: the default file, and a fresh database on a server."""
    if request.param == "file":
        return ".greenroom/greenroom.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()
