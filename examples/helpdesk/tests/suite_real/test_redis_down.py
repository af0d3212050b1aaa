"""Redis goes away while the help desk runs, and comes back."""

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.suite_real.processes import RedisServer, wait_until

NewTicket = Callable[..., int]


@pytest.fixture
def stopped(redis_server: RedisServer, known_ticket: int) -> Iterator[RedisServer]:
    """A Redis that was there until just now, and is there again after the test."""
    redis_server.stop()
    yield redis_server
    if redis_server.exit_code() is not None or not redis_server.is_ready():
        redis_server.start()


@pytest.fixture
def known_ticket(new_ticket: NewTicket) -> int:
    """A ticket from before."""
    return new_ticket("From before")


def test_reading_a_ticket_fails_quickly(
    http: httpx.Client, known_ticket: int, stopped: RedisServer
) -> None:
    response = http.get(f"/api/tickets/{known_ticket}")

    assert response.status_code == 503
    assert response.json() == {"detail": "a service that we need does not answer"}


def test_the_list_needs_no_redis(
    http: httpx.Client, known_ticket: int, stopped: RedisServer
) -> None:
    response = http.get("/api/tickets")

    assert response.status_code == 200
    assert known_ticket in [ticket["id"] for ticket in response.json()]


def test_readiness_tells_and_everything_recovers(
    http: httpx.Client, known_ticket: int, stopped: RedisServer
) -> None:
    down = http.get("/readyz")
    assert down.status_code == 503
    assert down.json() == {"database": "up", "redis": "down"}

    stopped.start()

    wait_until(lambda: http.get("/readyz").status_code == 200, "the help desk recovers")
    assert http.get(f"/api/tickets/{known_ticket}").json()["subject"] == "From before"


def test_an_export_waits_in_the_database_of_the_jobs(
    http: httpx.Client, redis_server: RedisServer
) -> None:
    number = http.post("/api/exports", json={"format": "csv"}).json()["number"]

    with redis_server.client(2) as jobs:
        entries = [json.loads(entry) for entry in jobs.lrange("jobs", 0, -1)]
    assert number in [entry["number"] for entry in entries]
    assert http.get(f"/api/exports/{number}").json() == {"state": "waiting"}
