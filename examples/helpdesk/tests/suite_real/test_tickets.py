"""Tickets over HTTP, down to the database."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.suite_real.conftest import AGENT, LEAD
from tests.suite_real.processes import RedisServer
from tests.suite_real.served import Helpdesk
from tests.suite_real.waiting import CERTIFICATES

NewTicket = Callable[..., int]
NOWHERE = 987_654
DRAFT = {"customer_id": 7, "subject": "Printer", "body": "no"}


def listed(http: httpx.Client) -> dict[int, dict[str, str]]:
    """All tickets by number."""
    tickets = http.get("/api/tickets", params={"limit": 10_000}).json()
    return {ticket["id"]: ticket for ticket in tickets}


def test_a_new_ticket_is_listed_with_its_priority(
    http: httpx.Client, new_ticket: NewTicket
) -> None:
    number = new_ticket("Outage again", "everything is down since noon")

    ticket = listed(http)[number]

    assert ticket["subject"] == "Outage again"
    assert ticket["priority"] == "urgent"
    assert ticket["status"] == "open"


@pytest.fixture
def stranger(helpdesk: Helpdesk) -> Iterator[httpx.Client]:
    """A client with a token that is none."""
    wrong = {"Authorization": "Bearer wrong"}
    with httpx.Client(
        base_url=helpdesk.url, headers=wrong, timeout=15, verify=CERTIFICATES
    ) as client:
        yield client


@pytest.mark.parametrize(
    "ask",
    [
        lambda http: http.post("/api/tickets"),
        lambda http: http.patch("/api/tickets/1"),
        lambda http: http.post("/api/tickets/close"),
        lambda http: http.post("/api/tickets/1/merge/2"),
        lambda http: http.delete("/api/tickets/1"),
        lambda http: http.post("/api/tickets/1/escalate"),
        lambda http: http.post("/api/tickets/1/answer"),
        lambda http: http.post("/api/tickets/1/suggestions"),
        lambda http: http.post("/api/tickets/1/summary"),
        lambda http: http.post("/api/assistant/translate"),
        lambda http: http.post("/api/billing/refunds"),
        lambda http: http.get("/api/customers/7"),
        lambda http: http.get("/api/customers/7/balance"),
        lambda http: http.post("/api/exports"),
        lambda http: http.get("/api/exports/1"),
        lambda http: http.get("/api/exports/1/result"),
        lambda http: http.get("/api/feed"),
        lambda http: http.get("/api/reports/closed"),
        lambda http: http.get("/api/reports/promise"),
        lambda http: http.post("/api/reports/digest"),
    ],
)
def test_strangers_are_turned_away(
    stranger: httpx.Client, ask: Callable[[httpx.Client], httpx.Response]
) -> None:
    response = ask(stranger)

    assert (response.status_code, response.json()) == (401, {"detail": "a valid token is required"})


def test_nothing_is_created_without_a_token(http: httpx.Client) -> None:
    before = listed(http)

    response = http.post("/api/tickets", json=DRAFT, headers={"Authorization": "Bearer wrong"})

    assert response.status_code == 401
    assert listed(http) == before


def test_a_ticket_that_does_not_exist_is_not_found(http: httpx.Client) -> None:
    response = http.get(f"/api/tickets/{NOWHERE}")

    assert response.status_code == 404
    assert response.json() == {"detail": f"there is no ticket {NOWHERE}"}


def test_a_ticket_gets_another_status(http: httpx.Client, new_ticket: NewTicket) -> None:
    number = new_ticket()

    changed = http.patch(f"/api/tickets/{number}", json={"status": "waiting"})

    assert (changed.status_code, changed.json()["status"]) == (200, "waiting")
    assert listed(http)[number]["status"] == "waiting"


def test_several_tickets_are_closed_at_once(http: httpx.Client, new_ticket: NewTicket) -> None:
    numbers = [new_ticket() for _ in range(3)]

    closed = http.post("/api/tickets/close", json={"ids": numbers})

    assert closed.json() == {"closed": 3}
    assert {listed(http)[number]["status"] for number in numbers} == {"closed"}


def test_two_tickets_become_one(http: httpx.Client, new_ticket: NewTicket) -> None:
    source, target = new_ticket(body="It smokes."), new_ticket(body="It burns.")

    assert http.post(f"/api/tickets/{source}/merge/{target}").status_code == 204

    assert listed(http)[target]["body"] == "It burns.\n\nIt smokes."
    assert listed(http)[source]["status"] == "closed"


def test_a_ticket_that_was_deleted_is_gone(http: httpx.Client, new_ticket: NewTicket) -> None:
    number = new_ticket()
    assert http.get(f"/api/tickets/{number}").status_code == 200

    assert http.delete(f"/api/tickets/{number}", headers=LEAD).status_code == 204

    assert http.get(f"/api/tickets/{number}").status_code == 404
    assert number not in listed(http)


def test_nothing_can_be_done_with_a_ticket_that_does_not_exist(
    http: httpx.Client, new_ticket: NewTicket
) -> None:
    number = new_ticket()
    answers = [
        http.patch(f"/api/tickets/{NOWHERE}", json={"status": "closed"}),
        http.post("/api/tickets/close", json={"ids": [number, NOWHERE]}),
        http.post(f"/api/tickets/{number}/merge/{NOWHERE}"),
        http.delete(f"/api/tickets/{NOWHERE}", headers=LEAD),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


@pytest.mark.parametrize(
    ("priority", "due"),
    [
        ("urgent", "2020-02-28T13:00:00Z"),
        ("high", "2020-02-28T16:00:00Z"),
        ("normal", "2020-02-29T12:00:00Z"),
        ("low", "2020-03-02T12:00:00Z"),
    ],
)
def test_the_promise_goes_by_the_clock(http: httpx.Client, priority: str, due: str) -> None:
    asked = {"priority": priority, "created_at": "2020-02-28T12:00:00Z"}

    assert http.get("/api/reports/promise", params=asked).json() == {"due": due}


def test_there_are_no_figures_without_a_warehouse(http: httpx.Client) -> None:
    response = http.get("/api/reports/closed")

    assert response.status_code == 404
    assert response.json() == {"detail": "there is no warehouse here"}


def test_every_other_address_is_the_page(http: httpx.Client) -> None:
    response = http.get("/tickets/7")

    assert response.status_code == 200
    assert '<div id="root">' in response.text


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
        assert http.post("/api/tickets", json=DRAFT).status_code == 503
        flags.delete("flag:maintenance")

    assert new_ticket() > 0


def test_a_locked_database_is_reported_and_recovers(
    settings: dict[str, str], tmp_path: Path
) -> None:
    database = tmp_path / "locked.db"
    own = {**settings, "HELPDESK_DATABASE_URL": f"sqlite+aiosqlite:///{database}"}
    with (
        Helpdesk(own).running() as server,
        httpx.Client(base_url=server.url, headers=AGENT, timeout=15, verify=CERTIFICATES) as http,
    ):
        with closing(sqlite3.connect(database, timeout=5)) as other:
            other.execute("begin exclusive")
            assert http.post("/api/tickets", json=DRAFT).status_code == 503
            other.rollback()
        assert http.post("/api/tickets", json=DRAFT).status_code == 201


def test_a_locked_database_holds_a_crowd_no_longer_than_a_few_seconds(
    settings: dict[str, str], tmp_path: Path
) -> None:
    database = tmp_path / "crowd.db"
    own = {**settings, "HELPDESK_DATABASE_URL": f"sqlite+aiosqlite:///{database}"}
    with (
        Helpdesk(own).running() as server,
        httpx.Client(base_url=server.url, timeout=15, verify=CERTIFICATES) as http,
        closing(sqlite3.connect(database, timeout=5)) as other,
        ThreadPoolExecutor(90) as people,
    ):
        other.execute("begin exclusive")
        began = time.monotonic()
        http.get("/api/tickets")
        alone = time.monotonic() - began
        asked = [people.submit(http.get, "/api/tickets") for _ in range(90)]
        answers = {each.result().status_code for each in asked}
        waited = time.monotonic() - began - alone

    assert answers == {503}
    assert waited < 5 * alone  # up to five seconds for a connection, and two for the lock
