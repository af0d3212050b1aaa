"""Which database of a server a test went to, by drivers that are not told it once and for all."""

from collections.abc import Iterator

import pytest

from tests.record.servers import answerer
from tests.record.suites import Recorded, Suite


@pytest.fixture(scope="module")
def mongo() -> Iterator[int]:
    with answerer("mongo_answerer.py") as port:
        yield port


@pytest.fixture(scope="module")
def mysql() -> Iterator[int]:
    with answerer("mysql_answerer.py") as port:
        yield port


def databases(ran: Recorded, name: str, library: str) -> dict[str, int]:
    """What follows the server's port in the peers of the project's own calls, and how often."""
    found: dict[str, int] = {}
    for crossing in ran.test(name).crossings:
        if crossing.place is not None and crossing.place.path == "app.py":
            assert (crossing.library, crossing.kind, crossing.real) == (library, "database", True)
            database = crossing.peer.partition(":")[2].partition("/")[2]
            if database:
                found[database] = found.get(database, 0) + crossing.times
    return found


def test_the_database_of_each_command_of_mongodb(suite: Suite, mongo: int) -> None:
    ran = suite.write(
        {
            "app.py": """\
            from bson import DBRef

            def orders(client):
                client["shop"].orders.insert_one({"a": 1})
                client["shop"].orders.insert_many([{"a": 1}, {"a": 2}])

            def letters(client):
                return client["mail"].letters.find_one({"of": DBRef("orders", 1, "shop")})

            def both(client):
                orders(client)
                letters(client)

            def loud(client):
                return client.get_database("logs", write_concern=client.unheard).lines.insert_one({"a": 1})

            async def shifts(client):
                await client["staff"].shifts.insert_one({"a": 1})

            def whole_server(client):
                return client.admin.command("ping")
            """,
            "test_a.py": """\
            import asyncio
            import os
            import pymongo
            import pytest
            import app

            ADDRESS = f"mongodb://127.0.0.1:{os.environ['PORT']}"

            @pytest.fixture(scope="session")
            def client():
                with pymongo.MongoClient(ADDRESS) as client:
                    client.unheard = pymongo.WriteConcern(w=0)
                    yield client

            def test_writes(client):
                app.orders(client)

            def test_reads(client):
                assert app.letters(client) is None

            def test_two(client):
                app.both(client)

            def test_nobody_waits(client):
                app.loud(client)

            def test_whole_server(client):
                assert app.whole_server(client)["ok"] == 1

            def test_async():
                async def go():
                    async with pymongo.AsyncMongoClient(ADDRESS) as client:
                        await app.shifts(client)

                asyncio.run(go())
            """,
        }
    ).record(PORT=str(mongo))
    assert ran.code == 0, ran.out
    assert ran.recording.run.notes == ()

    assert databases(ran, "test_writes", "pymongo") == {"shop": 2}
    assert databases(ran, "test_reads", "pymongo") == {"mail": 1}
    assert databases(ran, "test_two", "pymongo") == {"shop": 2, "mail": 1}
    assert databases(ran, "test_nobody_waits", "pymongo") == {"logs": 1}
    assert databases(ran, "test_whole_server", "pymongo") == {"admin": 1}
    assert databases(ran, "test_async", "pymongo") == {"staff": 1}


def test_motor_says_the_database_too(suite: Suite, mongo: int) -> None:
    ran = suite.write(
        {
            "app.py": """\
            async def keep(client):
                await client["shop"].orders.insert_one({"a": 1})
            """,
            "test_a.py": """\
            import asyncio
            import os
            import motor.motor_asyncio
            import app

            def test_keeps():
                async def go():
                    client = motor.motor_asyncio.AsyncIOMotorClient("127.0.0.1", int(os.environ["PORT"]))
                    await app.keep(client)

                asyncio.run(go())
            """,
        }
    ).record(PORT=str(mongo))
    assert ran.code == 0, ran.out
    assert f"127.0.0.1:{mongo}/shop" in {crossing.peer for crossing in ran.test("test_keeps").crossings}


MYSQL = {
    "app.py": """\
    def ask(connection, *statements):
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def select(connection, name):
        connection.select_db(name)

    def again(connection):
        connection.connect()

    async def ask_later(connection, *statements):
        async with connection.cursor() as cursor:
            for statement in statements:
                await cursor.execute(statement)
    """,
    "test_pymysql.py": """\
    import os
    import pymysql
    import pytest
    import app

    PORT = int(os.environ["PORT"])

    @pytest.fixture
    def connection():
        with pymysql.connect(host="127.0.0.1", port=PORT, user="a", database="shop") as connection:
            yield connection

    def test_given(connection):
        app.ask(connection, "INSERT INTO orders VALUES (1)")

    def test_selected(connection):
        app.select(connection, "mail")
        app.ask(connection, "INSERT INTO letters VALUES (1)", "COMMIT")

    def test_used(connection):
        app.ask(connection, "use `two words`", "INSERT INTO words VALUES (1)")

    def test_refused(connection):
        with pytest.raises(pymysql.err.OperationalError):
            app.ask(connection, "USE nowhere")
        app.ask(connection, "INSERT INTO orders VALUES (1)")

    def test_connected_anew(connection):
        connection.select_db("mail")
        connection.close()
        app.again(connection)
        app.ask(connection, "INSERT INTO orders VALUES (1)")

    def test_none():
        with pymysql.connect(host="127.0.0.1", port=PORT, user="a") as connection:
            app.ask(connection, "SELECT 1", "USE late", "INSERT INTO orders VALUES (1)")
    """,
    "test_aiomysql.py": """\
    import asyncio
    import os
    import aiomysql
    import app

    def test_async():
        async def go():
            connection = await aiomysql.connect(
                host="127.0.0.1", port=int(os.environ["PORT"]), user="a", db="shop"
            )
            await app.ask_later(connection, "INSERT INTO orders VALUES (1)", "USE mail")
            await app.ask_later(connection, "INSERT INTO letters VALUES (1)")
            connection.close()

        asyncio.run(go())
    """,
}


def test_the_database_of_mysql_follows_what_was_chosen(suite: Suite, mysql: int) -> None:
    ran = suite.write(MYSQL).record(PORT=str(mysql))
    assert ran.code == 0, ran.out
    assert ran.recording.run.notes == ()

    assert databases(ran, "test_given", "pymysql") == {"shop": 1}
    assert databases(ran, "test_selected", "pymysql") == {"shop": 1, "mail": 2}
    assert databases(ran, "test_used", "pymysql") == {"shop": 1, "two words": 1}
    assert databases(ran, "test_refused", "pymysql") == {"shop": 2}
    assert databases(ran, "test_connected_anew", "pymysql") == {"shop": 2}
    assert databases(ran, "test_none", "pymysql") == {"late": 1}
    assert databases(ran, "test_async", "aiomysql") == {"shop": 2, "mail": 1}


def test_mysql_that_is_down_says_which_database_was_wanted(suite: Suite) -> None:
    ran = suite.write(
        {
            "test_a.py": """\
            import pymysql
            import pytest

            def test_down():
                with pytest.raises(pymysql.err.OperationalError):
                    pymysql.connect(host="127.0.0.1", port=1, user="a", database="shop")
            """
        }
    ).record()
    assert ran.code == 0, ran.out
    (down,) = ran.test("test_down").crossings
    assert (down.peer, down.real, down.failure) == ("127.0.0.1:1/shop", True, "pymysql.err.OperationalError")
