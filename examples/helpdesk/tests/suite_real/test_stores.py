"""What is kept, where, and for how long."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from tests.suite_real.processes import ROOT, Helpdesk, ModelServer, RedisServer, wait_until

NewTicket = Callable[..., int]


def test_a_ticket_that_was_read_is_cached_for_a_while(
    http: httpx.Client, redis_server: RedisServer, new_ticket: NewTicket
) -> None:
    number = new_ticket("Cached")
    http.get(f"/api/tickets/{number}")

    with redis_server.client(0) as cache:
        assert json.loads(cache.get(f"ticket:{number}"))["subject"] == "Cached"
        assert 0 < cache.ttl(f"ticket:{number}") <= 30


def test_a_job_is_remembered_for_a_day(http: httpx.Client, redis_server: RedisServer) -> None:
    number = http.post("/api/exports", json={"format": "csv"}).json()["number"]

    with redis_server.client(2) as jobs:
        assert 0 < jobs.ttl(f"job:{number}:state") <= 24 * 60 * 60


def test_who_chats_is_present_for_a_while(helpdesk: Helpdesk, redis_server: RedisServer) -> None:
    address = f"ws://127.0.0.1:{helpdesk.port}/ws/chat/here?token=agent-for-tests"
    with redis_server.client(1) as presence, connect(address, open_timeout=10, close_timeout=5):
        wait_until(lambda: presence.get("presence:agent") == "here", "the agent is present")

        assert 0 < presence.ttl("presence:agent") <= 60


def test_a_new_ticket_is_on_the_screens(redis_server: RedisServer, new_ticket: NewTicket) -> None:
    with redis_server.client(3) as feed, feed.pubsub(ignore_subscribe_messages=True) as screen:
        screen.subscribe("tickets")
        screen.get_message(timeout=5)
        number = new_ticket("On the wall")

        told = screen.get_message(timeout=10)
        assert told is not None
        assert json.loads(told["data"])["id"] == number


def test_the_time_of_a_new_ticket_has_a_zone(http: httpx.Client) -> None:
    draft = {"customer_id": 7, "subject": "Clock", "body": "it is late"}

    created = http.post("/api/tickets", json=draft).json()["created_at"]

    assert datetime.fromisoformat(created).tzinfo is not None


@pytest.mark.parametrize(
    ("subject", "body", "field"),
    [("?!", "", "subject"), ("x" * 201, "", "subject"), ("Printer", "x" * 20_001, "body")],
)
def test_a_draft_that_is_too_short_or_too_long_is_refused(
    http: httpx.Client, subject: str, body: str, field: str
) -> None:
    draft = {"customer_id": 7, "subject": subject, "body": body}

    response = http.post("/api/tickets", json=draft)

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", field]


def test_what_is_said_in_a_chat_is_on_record(
    settings: dict[str, str], folder: Path, tmp_path: Path, well_behaved_model: ModelServer
) -> None:
    database = tmp_path / "record.db"
    own = {**settings, "HELPDESK_DATABASE_URL": f"sqlite+aiosqlite:///{database}"}
    with Helpdesk(own, log=folder / "record.log").running() as server:
        address = f"ws://127.0.0.1:{server.port}/ws/chat/record?token=agent-for-tests"
        with connect(address, open_timeout=10, close_timeout=5) as socket:
            socket.send(json.dumps({"question": "is this kept?"}))
            while json.loads(socket.recv(timeout=15))["type"] == "token":
                pass

    with closing(sqlite3.connect(database)) as record:
        assert record.execute("select conversation_id, question from exchanges").fetchall() == [
            ("record", "is this kept?")
        ]


def test_what_nobody_sets_is_as_documented(settings: dict[str, str], folder: Path) -> None:
    optional = ("REDIS_PORT", "DEADLINE", "IDLE_LIMIT", "SCANNER_PORT", "RATE_LIMIT")
    needed = {name: value for name, value in settings.items() if not name.endswith(optional)}
    needed.pop("HELPDESK_RATE_LIMIT_PER_MINUTE", None)
    environment = Helpdesk(needed, log=folder / "defaults.log").environment()
    code = "from helpdesk.settings import Settings; print(Settings().model_dump_json())"

    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True
    ).stdout

    found = json.loads(told)
    assert found["redis_port"] == 6379
    assert (found["assistant_deadline"], found["assistant_idle_limit"]) == (30.0, 10.0)
    assert found["scanner_port"] == 3310
    assert found["rate_limit_per_minute"] == 60
