from collections.abc import Iterator

import pytest

from tests.postgres import PASSWORD, PostgresServer, running_postgres
from tests.record.suites import Suite


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


def test_each_driver_of_postgresql_says_whom_it_asks(suite: Suite, server: PostgresServer) -> None:
    ran = suite.write(
        {
            "app.py": """\
            import asyncio
            import os
            import asyncpg
            import psycopg
            import psycopg2
            import psycopg2.extras
            import sqlalchemy
            from sqlalchemy.ext.asyncio import create_async_engine

            ADDRESS = os.environ["ADDRESS"]

            def by_psycopg():
                with psycopg.connect(ADDRESS) as connection:
                    connection.execute("select 1")

            async def by_async_psycopg():
                async with await psycopg.AsyncConnection.connect(ADDRESS) as connection:
                    await connection.execute("select 1")

            def by_psycopg2():
                connection = psycopg2.connect(ADDRESS)
                with connection.cursor(cursor_factory=psycopg2.extras.DictCursor) as cursor:
                    cursor.execute("select 1")
                connection.close()

            async def by_asyncpg():
                connection = await asyncpg.connect(ADDRESS)
                await connection.fetch("select 1")
                await connection.close()

            async def by_engine():
                engine = create_async_engine(ADDRESS.replace("postgresql", "postgresql+asyncpg", 1))
                async with engine.connect() as connection:
                    await connection.execute(sqlalchemy.text("select 1"))
                await engine.dispose()
            """,
            "tests/test_app.py": """\
            import asyncio
            import inspect
            import psycopg
            import psycopg2
            import pytest
            import app

            @pytest.mark.parametrize("name", [name for name in vars(app) if name.startswith("by_")])
            def test_driver(name):
                made = getattr(app, name)()
                if inspect.iscoroutine(made):
                    asyncio.run(made)

            def test_bad_statement():
                with psycopg.connect(app.ADDRESS) as connection, pytest.raises(psycopg.errors.SyntaxError):
                    connection.execute("nonsense")
            """,
        }
    ).record(PYTHONPATH=str(suite.root), ADDRESS=server.address("postgres"))

    assert ran.code == 0, ran.out
    assert ran.recording.run.notes == ()
    peer = f"127.0.0.1:{server.port}/postgres"
    seen = {
        test.id.partition("[by_")[2][:-1]: {
            (each.library, each.kind, each.peer, each.real, each.failure) for each in test.crossings
        }
        for test in ran.recording.tests
        if "[by_" in test.id
    }
    assert seen == {
        "psycopg": {("psycopg", "database", peer, True, "")},
        "async_psycopg": {("psycopg", "database", peer, True, "")},
        "psycopg2": {("psycopg2", "database", peer, True, "")},
        "asyncpg": {("asyncpg", "database", peer, True, "")},
        "engine": {("sqlalchemy", "database", f"postgresql://team@{peer}", True, "")},
    }
    lines = {each.place.line for each in ran.test("[by_engine]").crossings if each.place}
    assert lines == {33, 34}
    assert all(each.place for test in ran.recording.tests for each in test.crossings)
    failures = {each.failure for each in ran.test("test_bad_statement").crossings}
    assert failures == {"", "psycopg.errors.SyntaxError"}
    journals = (suite.root / ".greenroom").rglob("*.jsonl")
    assert not any(PASSWORD in each.read_text(encoding="utf-8") for each in journals)
