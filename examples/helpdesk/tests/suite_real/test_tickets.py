"""Tickets over HTTP, down to the database."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx

from tests.suite_real.processes import Helpdesk, RedisServer

NewTicket = Callable[..., int]


def test_a_new_ticket_is_listed_with_its_priority(
    http: httpx.Client, new_ticket: NewTicket
) -> None:
    number = new_ticket("Outage again", "everything is down since noon")

    tickets = {ticket["id"]: ticket for ticket in http.get("/api/tickets").json()}

    assert tickets[number]["subject"] == "Outage again"
    assert tickets[number]["priority"] == "urgent"
    assert tickets[number]["status"] == "open"


def test_nothing_is_created_without_a_token(http: httpx.Client) -> None:
    before = len(http.get("/api/tickets").json())
    draft = {"customer_id": 7, "subject": "Printer", "body": "no"}

    response = http.post("/api/tickets", json=draft, headers={"Authorization": "Bearer wrong"})

    assert response.status_code == 401
    assert len(http.get("/api/tickets").json()) == before


def test_a_subject_that_is_too_short_is_refused(http: httpx.Client) -> None:
    response = http.post("/api/tickets", json={"customer_id": 7, "subject": "?", "body": ""})

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "subject"]


def test_a_ticket_that_does_not_exist_is_not_found(http: httpx.Client) -> None:
    response = http.get("/api/tickets/987654")

    assert response.status_code == 404
    assert response.json() == {"detail": "there is no ticket 987654"}


def test_tickets_survive_a_restart(
    helpdesk: Helpdesk, http: httpx.Client, new_ticket: NewTicket
) -> None:
    number = new_ticket("Survivor")

    helpdesk.stop()
    helpdesk.start()

    assert http.get(f"/api/tickets/{number}").json()["subject"] == "Survivor"


def test_maintenance_refuses_new_tickets_until_it_is_over(
    http: httpx.Client, redis_server: RedisServer, new_ticket: NewTicket
) -> None:
    with redis_server.client(1) as flags:
        flags.set("flag:maintenance", "on")
        draft = {"customer_id": 7, "subject": "Printer", "body": "no"}
        assert http.post("/api/tickets", json=draft).status_code == 503
        flags.delete("flag:maintenance")

    assert new_ticket() > 0


def test_a_locked_database_is_reported_and_recovers(
    settings: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    database = tmp_path / "locked.db"
    own = {**settings, "HELPDESK_DATABASE_URL": f"sqlite+aiosqlite:///{database}"}
    headers = {"Authorization": "Bearer agent-for-tests"}
    draft = {"customer_id": 7, "subject": "Printer", "body": "no"}
    with (
        Helpdesk(own, log=folder / "locked.log").running() as server,
        httpx.Client(base_url=server.url, headers=headers, timeout=15) as http,
    ):
        with closing(sqlite3.connect(database, timeout=5)) as other:
            other.execute("begin exclusive")
            assert http.post("/api/tickets", json=draft).status_code == 503
            other.rollback()
        assert http.post("/api/tickets", json=draft).status_code == 201
