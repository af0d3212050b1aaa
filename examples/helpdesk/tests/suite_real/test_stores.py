"""What is kept, where, and for how long."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, Engine, event
from websockets.sync.client import connect

from helpdesk.settings import Settings
from tests.suite_real.conftest import AGENT
from tests.suite_real.processes import RedisServer
from tests.suite_real.served import Helpdesk, ModelServer
from tests.suite_real.stopwatch import BUDGET, fastest
from tests.suite_real.waiting import CERTIFICATES, wait_until

NewTicket = Callable[..., int]


def test_a_ticket_that_was_read_is_cached_for_a_while(
    http: httpx.Client, redis_server: RedisServer, new_ticket: NewTicket
) -> None:
    number = new_ticket("Cached")
    http.get(f"/api/tickets/{number}")

    with redis_server.client(0) as cache:
        assert json.loads(cache.get(f"ticket:{number}"))["subject"] == "Cached"
        assert 0 < cache.ttl(f"ticket:{number}") <= 30


def test_a_ticket_that_is_cached_is_not_looked_up(
    http: httpx.Client, redis_server: RedisServer, new_ticket: NewTicket
) -> None:
    number = new_ticket("In the database")
    shown = http.get(f"/api/tickets/{number}").json()

    with redis_server.client(0) as cache:
        cache.set(f"ticket:{number}", json.dumps({**shown, "subject": "In the cache"}))

    assert http.get(f"/api/tickets/{number}").json()["subject"] == "In the cache"


def test_an_export_that_is_done_says_where_it_is(
    http: httpx.Client, redis_server: RedisServer
) -> None:
    number = http.post("/api/exports", json={"format": "csv"}).json()["number"]

    with redis_server.client(2) as jobs:
        jobs.set(f"job:{number}:result", "/exports/tickets.csv")
        jobs.set(f"job:{number}:state", "done")

    assert http.get(f"/api/exports/{number}").json() == {"state": "done"}
    assert http.get(f"/api/exports/{number}/result").json() == {"file": "/exports/tickets.csv"}
    assert fastest(lambda: http.get(f"/api/exports/{number}/result")) < BUDGET


def test_a_job_is_remembered_for_a_day(http: httpx.Client, redis_server: RedisServer) -> None:
    number = http.post("/api/exports", json={"format": "csv"}).json()["number"]

    with redis_server.client(2) as jobs:
        assert 0 < jobs.ttl(f"job:{number}:state") <= 24 * 60 * 60


def test_who_chats_is_present_for_a_while(helpdesk: Helpdesk, redis_server: RedisServer) -> None:
    address = f"ws://127.0.0.1:{helpdesk.port}/ws/chat/here?token=agent-for-tests"
    with redis_server.client(1) as presence, connect(address, open_timeout=10, close_timeout=5):
        wait_until(lambda: presence.get("presence:agent") == "here", "the agent is present", 10)

        assert 0 < presence.ttl("presence:agent") <= 60


def test_a_new_ticket_is_on_the_screens(redis_server: RedisServer, new_ticket: NewTicket) -> None:
    with redis_server.client(3) as feed, feed.pubsub(ignore_subscribe_messages=True) as screen:
        screen.subscribe("tickets")
        screen.get_message(timeout=5)
        number = new_ticket("On the wall")

        told = screen.get_message(timeout=10)
        assert told is not None
        assert json.loads(told["data"])["id"] == number


def test_who_reads_the_feed_hears_of_a_new_ticket(
    http: httpx.Client, redis_server: RedisServer, new_ticket: NewTicket
) -> None:
    with http.stream("GET", "/api/feed") as response, redis_server.client(3) as feed:
        wait_until(lambda: dict(feed.pubsub_numsub("tickets")) == {"tickets": 1}, "it listens", 10)
        number = new_ticket("In the news")
        line = next(response.iter_lines())

    assert json.loads(line.removeprefix("data: "))["id"] == number


def test_nobody_waits_for_the_feed_to_begin(http: httpx.Client) -> None:
    def listen() -> None:
        with http.stream("GET", "/api/feed") as response:
            assert response.status_code == 200

    assert fastest(listen) < BUDGET


def test_the_time_of_a_new_ticket_has_a_zone(http: httpx.Client) -> None:
    draft = {"customer_id": 7, "subject": "Clock", "body": "it is late"}

    created = http.post("/api/tickets", json=draft).json()["created_at"]

    assert datetime.fromisoformat(created).tzinfo is not None


@pytest.mark.parametrize(
    ("subject", "body", "field"),
    [("?!", "", "subject"), ("x" * 201, "", "subject"), ("Printer", "x" * 20_001, "body")],
    ids=["short subject", "long subject", "long body"],
)
def test_a_draft_that_is_too_short_or_too_long_is_refused(
    http: httpx.Client, subject: str, body: str, field: str
) -> None:
    draft = {"customer_id": 7, "subject": subject, "body": body}

    response = http.post("/api/tickets", json=draft)

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", field]


def test_what_is_said_in_a_chat_is_on_record(
    settings: dict[str, str], tmp_path: Path, well_behaved_model: ModelServer
) -> None:
    database = tmp_path / "record.db"
    own = {**settings, "HELPDESK_DATABASE_URL": f"sqlite+aiosqlite:///{database}"}
    with Helpdesk(own).running() as server:
        address = f"ws://127.0.0.1:{server.port}/ws/chat/record?token=agent-for-tests"
        with connect(address, open_timeout=10, close_timeout=5) as socket:
            socket.send(json.dumps({"question": "is this kept?"}))
            while json.loads(socket.recv(timeout=15))["type"] == "token":
                pass

    with closing(sqlite3.connect(database)) as record:
        assert record.execute("select conversation_id, question from exchanges").fetchall() == [
            ("record", "is this kept?")
        ]


def test_what_nobody_sets_is_as_documented(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    optional = ("REDIS_PORT", "DEADLINE", "IDLE_LIMIT", "SCANNER_PORT", "RATE_LIMIT_PER_MINUTE")
    for name, text in settings.items():
        monkeypatch.delenv(name, raising=False)
        if not name.endswith(optional):
            monkeypatch.setenv(name, text)

    found = Settings()

    assert found.redis_port == 6379
    assert (found.assistant_deadline, found.assistant_idle_limit) == (30.0, 10.0)
    assert found.scanner_port == 3310
    assert found.rate_limit_per_minute == 60


@pytest.fixture
def tables_need_a_commit() -> Iterator[None]:
    """New tables are part of a transaction, as in PostgreSQL; SQLite's driver keeps them anyway."""

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("begin")

    event.listen(Engine, "begin", begin)
    yield
    event.remove(Engine, "begin", begin)


@pytest.mark.usefixtures("tables_need_a_commit")
def test_tables_that_the_start_creates_are_there_for_requests(
    settings: dict[str, str], tmp_path: Path
) -> None:
    own = {**settings, "HELPDESK_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/new.db"}
    with (
        Helpdesk(own).running() as server,
        httpx.Client(base_url=server.url, headers=AGENT, timeout=15, verify=CERTIFICATES) as http,
    ):
        draft = {"customer_id": 7, "subject": "First", "body": "of all"}
        created = http.post("/api/tickets", json=draft)

        assert created.status_code == 201, created.text
        listed = http.get("/api/tickets").json()

    assert [ticket["id"] for ticket in listed] == [created.json()["id"]]
