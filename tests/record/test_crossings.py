import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import greenroom.project.libraries
from greenroom.model.evidence import Crossing, TestEvidence
from greenroom.record.clients import all_clients
from greenroom.record.clients.known import known_roots
from tests.record.servers import redis_server, web_server
from tests.record.suites import PYTEST, Recorded, Suite

REFUSED = "http://127.0.0.1:1"
"""Nobody listens on port 1."""


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with redis_server(tmp_path_factory.mktemp("redis")) as port:
        yield port


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    with web_server() as address:
        yield address


def record(suite: Suite, *arguments: str, **variables: str) -> Recorded:
    ran = suite.record(*arguments, **variables)
    assert ran.code == 0, ran.out
    assert ran.recording.run.notes == ()
    return ran


def crossing(test: TestEvidence) -> Crossing:
    (found,) = test.crossings
    return found


def short(found: Crossing) -> tuple[str, str, bool, str, str]:
    return found.library, found.kind, found.real, found.double, found.failure


def where(found: Crossing) -> str:
    return f"{found.place.path}:{found.place.line}" if found.place else ""


def test_a_pooled_connection_counts_for_each_test_that_uses_it(suite: Suite, redis_port: int) -> None:
    ran = record(
        suite.write(
            {
                "app.py": """\
                import redis

                def put(client, key):
                    return client.set(key, 1)

                def several(client):
                    pipeline = client.pipeline()
                    pipeline.set("a", 1)
                    pipeline.get("a")
                    return pipeline.execute()
                """,
                "test_a.py": """\
                import os
                import pytest
                import redis
                import redis.asyncio
                import app

                PORT = int(os.environ["PORT"])

                @pytest.fixture(scope="session")
                def client():
                    with redis.Redis(port=PORT, db=3) as client:
                        client.ping()
                        yield client

                def test_first(client):
                    app.put(client, "a")

                def test_second(client):
                    for _ in range(4):
                        app.put(client, "b")

                def test_pipeline(client):
                    assert app.several(client) == [True, b"1"]

                def test_none():
                    pass

                def test_async():
                    import asyncio

                    async def go():
                        client = redis.asyncio.Redis(port=PORT, db=2)
                        try:
                            return await app.put(client, "a")
                        finally:
                            await client.aclose()

                    assert asyncio.run(go())

                def test_down():
                    with pytest.raises(redis.ConnectionError):
                        app.put(redis.Redis(port=1), "a")
                """,
            }
        ),
        PORT=str(redis_port),
    )

    second = crossing(ran.test("test_second"))
    assert short(second) == ("redis", "cache", True, "", "")
    assert (second.peer, second.times, where(second)) == (f"localhost:{redis_port}/3", 4, "app.py:4")
    assert [where(each) for each in ran.test("test_first").crossings] == ["test_a.py:12", "app.py:4"]
    assert where(crossing(ran.test("test_pipeline"))) == "app.py:10"
    assert ran.test("test_none").crossings == ()
    over_loop = crossing(ran.test("test_async"))
    assert (over_loop.peer, over_loop.real) == (f"localhost:{redis_port}/2", True)
    down = crossing(ran.test("test_down"))
    assert (down.real, down.failure) == (True, "redis.exceptions.ConnectionError")


HTTP = """\
import asyncio
import httpx
import requests
import urllib.request


def by_requests(url):
    return requests.get(url, timeout=5)


def by_httpx(url):
    return httpx.get(url)


def by_async_httpx(url):
    async def go():
        async with httpx.AsyncClient() as client:
            return await client.get(url)

    return asyncio.run(go())


def by_urllib(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


def by_aiohttp(url):
    import aiohttp

    async def go():
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.text()

    return asyncio.run(go())
"""


_ASKING = {
    "by_requests": ("requests", 8, "requests.exceptions.ConnectionError"),
    "by_httpx": ("httpx", 12, "httpx.ConnectError"),
    "by_async_httpx": ("httpx", 18, "httpx.ConnectError"),
    "by_urllib": ("urllib", 24, "urllib.error.URLError"),
    "by_aiohttp": ("aiohttp", 32, "aiohttp.client_exceptions.ClientConnectorError"),
}
"""Function → library, the line that asks, and how it ends where nobody listens."""


def test_requests_over_http(suite: Suite, web: str) -> None:
    ran = record(
        suite.write(
            {
                "app.py": HTTP,
                "test_a.py": f"""\
                import os
                import pytest
                import app

                CALLS = pytest.mark.parametrize("call", {list(_ASKING)})

                @CALLS
                def test_answered(call):
                    assert getattr(app, call)(os.environ["WEB"])

                @CALLS
                def test_refused(call):
                    with pytest.raises(Exception):
                        getattr(app, call)("{REFUSED}/secret?token=1")
                """,
            }
        ),
        WEB=web,
    )

    for call, (library, line, error) in _ASKING.items():
        answered = crossing(ran.test(f"test_answered[{call}]"))
        assert short(answered) == (library, "http", True, "", "")
        assert (answered.peer, where(answered)) == (web, f"app.py:{line}")
        refused = crossing(ran.test(f"test_refused[{call}]"))
        assert (refused.real, refused.failure, refused.peer) == (True, error, REFUSED)


def test_doubles_of_http_are_told_from_the_real_thing(suite: Suite, web: str) -> None:
    ran = record(
        suite.write(
            {
                "app.py": HTTP,
                "test_a.py": """\
                import os
                from unittest import mock
                import httpx
                import pytest
                import requests
                import requests_mock
                import responses
                import respx
                import vcr
                import app

                API = "https://api.example.org/v1"

                @respx.mock
                def test_respx():
                    respx.get(API).respond(503)
                    assert app.by_httpx(API).status_code == 503

                @respx.mock
                def test_async_respx():
                    respx.get(API).mock(side_effect=httpx.ReadTimeout)
                    with pytest.raises(httpx.ReadTimeout):
                        app.by_async_httpx(API)

                @responses.activate
                def test_responses():
                    responses.add("GET", API, status=500)
                    assert app.by_requests(API).status_code == 500

                def test_requests_mock():
                    with requests_mock.Mocker() as answers:
                        answers.get(API, exc=requests.ConnectTimeout)
                        with pytest.raises(requests.ConnectTimeout):
                            app.by_requests(API)

                def test_transport():
                    answer = httpx.MockTransport(lambda request: httpx.Response(200))
                    httpx.Client(transport=answer).get(API)

                def test_mock():
                    with mock.patch("app.requests.get", side_effect=requests.ReadTimeout("late")):
                        with pytest.raises(requests.ReadTimeout):
                            app.by_requests(API)

                def test_unused_mock():
                    with mock.patch("app.requests.get"):
                        pass

                @pytest.mark.parametrize("call", [app.by_requests, app.by_httpx])
                def test_cassette(call, tmp_path):
                    for _ in range(2):
                        with vcr.use_cassette(str(tmp_path / "cassette.yaml")):
                            assert call(os.environ["WEB"]).text == "ok"
                """,
            }
        ),
        WEB=web,
    )

    api = "https://api.example.org"
    found = {name: crossing(ran.test(name)) for name in ("test_respx", "test_async_respx", "test_responses")}
    assert {name: short(each) for name, each in found.items()} == {
        "test_respx": ("httpx", "http", False, "respx", ""),
        "test_async_respx": ("httpx", "http", False, "respx", "httpx.ReadTimeout"),
        "test_responses": ("requests", "http", False, "responses", ""),
    }
    assert {each.peer for each in found.values()} == {api}
    mocked = crossing(ran.test("test_requests_mock"))
    assert short(mocked) == ("requests", "http", False, "requests-mock", "requests.exceptions.ConnectTimeout")
    assert crossing(ran.test("test_transport")).double == "httpx.MockTransport"
    patched = crossing(ran.test("test_mock"))
    assert short(patched) == ("requests", "http", False, "unittest.mock", "requests.exceptions.ReadTimeout")
    assert ran.test("test_unused_mock").crossings == ()
    for test in (each for each in ran.recording.tests if "test_cassette" in each.id):
        asked = [each for each in test.crossings if each.kind == "http"]
        assert [(each.real, each.double) for each in asked] == [(True, ""), (False, "vcrpy")]
        assert {each.peer for each in asked} == {web}


def test_doubles_of_databases_and_clouds(suite: Suite) -> None:
    ran = record(
        suite.write(
            {
                "test_a.py": """\
                import asyncio
                from unittest import mock
                import boto3
                import fakeredis
                import mongomock
                import moto
                import redis

                client = redis.Redis()

                def test_fakeredis():
                    store = fakeredis.FakeRedis()
                    store.set("a", 1)
                    pipeline = store.pipeline()
                    pipeline.get("a")
                    assert pipeline.execute() == [b"1"]

                def test_async_fakeredis():
                    async def go():
                        return await fakeredis.FakeAsyncRedis().set("a", 1)

                    assert asyncio.run(go())

                def test_mongomock():
                    mongomock.MongoClient().db.things.insert_one({"a": 1})

                def test_moto():
                    with moto.mock_aws():
                        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
                        boto3.client("s3", region_name="us-east-1", **keys).create_bucket(Bucket="bucket")

                def test_mocked_object():
                    with mock.patch("test_a.client") as double:
                        double.get.side_effect = redis.TimeoutError
                        try:
                            client.get("a")
                        except redis.TimeoutError:
                            pass

                def test_autospec():
                    with mock.patch("redis.Redis.get", autospec=True):
                        client.get("a")
                """,
            }
        )
    )

    found = {
        test.id.partition("::")[2]: [short(each) for each in test.crossings] for test in ran.recording.tests
    }
    fake = ("redis", "cache", False, "fakeredis", "")
    assert found == {
        "test_fakeredis": [fake, fake],
        "test_async_fakeredis": [fake],
        "test_mongomock": [("pymongo", "database", False, "mongomock", "")],
        "test_moto": [("boto3", "http", False, "moto", "")],
        "test_mocked_object": [("redis", "cache", False, "unittest.mock", "redis.exceptions.TimeoutError")],
        "test_autospec": [("redis", "cache", False, "unittest.mock", "")],
    }


def test_databases_say_which(suite: Suite) -> None:
    ran = record(
        suite.write(
            {
                "test_a.py": """\
                import asyncio
                import sqlite3
                import aiosqlite
                import pytest
                import sqlalchemy

                @pytest.fixture(scope="session")
                def engine(tmp_path_factory):
                    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path_factory.getbasetemp()}/a.db")
                    ask(engine)
                    yield engine
                    engine.dispose()

                def ask(engine):
                    with engine.connect() as connection:
                        return connection.execute(sqlalchemy.text("select 1")).scalar()

                def test_warm(engine):
                    pass

                def test_pooled(engine):
                    assert ask(engine) == 1

                def test_refused():
                    address = "postgresql+psycopg://me:hidden@127.0.0.1:1/shop"
                    with pytest.raises(sqlalchemy.exc.OperationalError):
                        ask(sqlalchemy.create_engine(address))

                def test_memory():
                    with pytest.raises(sqlite3.OperationalError):
                        connection = sqlite3.connect(":memory:")
                        try:
                            connection.execute("nonsense")
                        finally:
                            connection.close()

                def test_aiosqlite(tmp_path):
                    async def go():
                        async with aiosqlite.connect(tmp_path / "b.db") as connection:
                            await connection.execute("select 1")

                    asyncio.run(go())
                """,
            }
        )
    )

    pooled = crossing(ran.test("test_pooled"))
    assert short(pooled) == ("sqlalchemy", "database", True, "", "")
    assert pooled.peer.startswith("sqlite:/")
    assert pooled.peer.endswith("/a.db")
    refused = crossing(ran.test("test_refused"))
    assert short(refused) == ("sqlalchemy", "database", True, "", "psycopg.OperationalError")
    assert refused.peer == "postgresql://me@127.0.0.1:1/shop"
    memory = crossing(ran.test("test_memory"))
    assert (memory.library, memory.peer, memory.real) == ("sqlite3", "sqlite::memory:", True)
    assert {each.library for each in ran.test("test_aiosqlite").crossings} == {"aiosqlite"}


def test_clients_built_on_others_are_told_by_their_own_name(suite: Suite) -> None:
    ran = record(
        suite.write(
            {
                "test_a.py": """\
                import smtplib
                import subprocess
                import sys
                import openai
                import pytest

                def test_llm():
                    client = openai.OpenAI(api_key="x", base_url="http://127.0.0.1:1", max_retries=0)
                    with pytest.raises(openai.APIConnectionError):
                        client.models.list()

                def test_mail():
                    with pytest.raises(OSError):
                        smtplib.SMTP("127.0.0.1", 1)

                def test_process():
                    subprocess.run([sys.executable, "--version", "--secret"], check=False)
                """,
            }
        )
    )

    (llm,) = (each for each in ran.test("test_llm").crossings if each.library != "subprocess")
    assert (llm.library, llm.kind, llm.real, bool(llm.failure)) == ("openai", "llm", True, True)
    mail = crossing(ran.test("test_mail"))
    assert (mail.library, mail.kind, mail.peer) == ("smtplib", "mail", "127.0.0.1:1")
    process = crossing(ran.test("test_process"))
    assert (process.library, process.kind) == ("subprocess", "process")
    assert process.peer.startswith("python")


def test_an_application_asked_in_process_is_no_crossing_but_what_it_asks_is(
    suite: Suite, redis_port: int
) -> None:
    ran = record(
        suite.write(
            {
                "app.py": """\
                import os
                import redis.asyncio
                from fastapi import FastAPI

                app = FastAPI()

                @app.get("/count")
                async def count():
                    client = redis.asyncio.Redis(port=int(os.environ["PORT"]))
                    try:
                        return await client.incr("count")
                    finally:
                        await client.aclose()
                """,
                "test_a.py": """\
                import asyncio
                import httpx
                import app

                def test_count():
                    async def go():
                        transport = httpx.ASGITransport(app=app.app)
                        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
                            return await client.get("/count")

                    assert asyncio.run(go()).status_code == 200
                """,
            }
        ),
        PORT=str(redis_port),
    )

    found = crossing(ran.test("test_count"))
    assert (found.library, found.real, where(found)) == ("redis", True, "app.py:11")


def test_what_an_application_opens_below_a_test_client_is_its_own_crossing(suite: Suite) -> None:
    ran = record(
        suite.write(
            {
                "app.py": """\
                import sqlite3
                from fastapi import FastAPI

                app = FastAPI()

                @app.get("/one")
                def one():
                    return sqlite3.connect(":memory:").execute("select 1").fetchone()[0]
                """,
                "test_a.py": """\
                from fastapi.testclient import TestClient
                import app

                def test_one():
                    assert TestClient(app.app).get("/one").json() == 1
                """,
            }
        )
    )

    found = crossing(ran.test("test_one"))
    assert (found.library, found.real, found.peer, where(found)) == (
        "sqlite3",
        True,
        "sqlite::memory:",
        "app.py:8",
    )


def test_nothing_changes_for_the_program(suite: Suite) -> None:
    files = {
        "test_a.py": """\
        import copy
        import inspect
        import pickle
        import sys
        import traceback
        import httpx
        import redis
        import requests

        def show(function):
            print(function.__module__, function.__qualname__, repr(function).partition(" at ")[0])
            print(list(inspect.signature(function).parameters), inspect.getfullargspec(function).args)
            print(inspect.iscoroutinefunction(function), function.__doc__)
            assert pickle.loads(pickle.dumps(function)) is function
            assert inspect.getsource(function)

        def test_functions():
            for function in (httpx.Client.send, httpx.AsyncClient.send, redis.Redis.execute_command,
                             redis.asyncio.Redis.execute_command, requests.Session.send):
                show(function)

        def test_failure():
            try:
                httpx.get("http://127.0.0.1:1")
            except httpx.ConnectError as error:
                files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
                print(type(error), error, any("greenroom" in file for file in files))
                print(repr(error.__cause__), repr(error.__context__))

        def test_shown():
            httpx.get("http://127.0.0.1:1")
        """
    }
    suite.write(files)
    plain = suite.run(*PYTEST, "-s")
    recorded = suite.record("-s")

    assert "crossings" in recorded.recording.run.sensors
    assert without_times(recorded.out) == without_times(plain.out)


def without_times(text: str) -> str:
    return re.sub(r"\d+\.\d+s|0x[0-9a-f]+", "", text)


def test_the_table_of_libraries_says_what_the_audit_says() -> None:
    effects = Path(greenroom.project.libraries.__file__).parent / "effects"
    kinds: dict[str, set[str]] = {}
    for file in effects.glob("*.toml"):
        described = tomllib.loads(file.read_text(encoding="utf-8"))
        for root in described["roots"]:
            kinds.setdefault(root, set()).add(described["kind"])

    ours = known_roots()
    assert {root: kind for root, (_, kind) in ours.items() if kind not in kinds.get(root, {kind})} == {}
    assert {client.library: client.kind for client in all_clients() if client.library in ours} == {
        client.library: ours[client.library][1] for client in all_clients() if client.library in ours
    }
