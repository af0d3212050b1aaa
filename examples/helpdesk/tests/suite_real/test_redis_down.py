"""Redis goes away while the help desk runs, and comes back; or it is slow, silent, out of reach."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.suite_real.conftest import AGENT
from tests.suite_real.peers import SlowLine, unreachable
from tests.suite_real.processes import RedisServer
from tests.suite_real.served import Helpdesk
from tests.suite_real.stopwatch import BUDGET, fastest
from tests.suite_real.waiting import CERTIFICATES, wait_until

NewTicket = Callable[..., int]
PAUSE = 0.15
"""Seconds that each answer of a slow Redis takes."""
CROWD = 90
"""People who ask at once: several times as many as there are connections."""


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
    assert fastest(lambda: http.get(f"/api/tickets/{known_ticket}")) < BUDGET


def test_the_list_needs_no_redis(
    http: httpx.Client, known_ticket: int, stopped: RedisServer
) -> None:
    response = http.get("/api/tickets", params={"limit": 10_000})

    assert response.status_code == 200
    assert known_ticket in [ticket["id"] for ticket in response.json()]


def test_readiness_tells_and_everything_recovers(
    http: httpx.Client, known_ticket: int, stopped: RedisServer
) -> None:
    down = http.get("/readyz")
    assert down.status_code == 503
    assert down.json() == {"database": "up", "redis": "down"}

    stopped.start()

    wait_until(lambda: http.get("/readyz").status_code == 200, "the help desk recovers", 15)
    assert http.get(f"/api/tickets/{known_ticket}").json()["subject"] == "From before"


def test_an_export_waits_in_the_database_of_the_jobs(
    http: httpx.Client, redis_server: RedisServer
) -> None:
    number = http.post("/api/exports", json={"format": "csv"}).json()["number"]

    with redis_server.client(2) as jobs:
        entries = [json.loads(entry) for entry in jobs.lrange("jobs", 0, -1)]
    assert number in [entry["number"] for entry in entries]
    assert http.get(f"/api/exports/{number}").json() == {"state": "waiting"}


@pytest.fixture
def frozen(redis_server: RedisServer, known_ticket: int) -> Iterator[int]:
    """A Redis that takes connections and says nothing; the number of a ticket from before."""
    redis_server.freeze()
    yield known_ticket
    redis_server.thaw()


def test_a_silent_redis_holds_nobody(http: httpx.Client, frozen: int) -> None:
    with ThreadPoolExecutor() as people:
        ticket = people.submit(http.get, f"/api/tickets/{frozen}")
        online = people.submit(http.get, "/api/presence", params={"agents": ["agent", "lead"]})

    assert ticket.result().status_code == 503
    assert online.result().json() == {"online": []}


def test_a_silent_redis_holds_a_crowd_no_longer_than_one(http: httpx.Client, frozen: int) -> None:
    began = time.monotonic()
    http.get(f"/api/tickets/{frozen}")
    alone = time.monotonic() - began
    with ThreadPoolExecutor(CROWD) as people:
        asked = [people.submit(http.get, f"/api/tickets/{frozen}") for _ in range(CROWD)]

    assert {each.result().status_code for each in asked} == {503}
    assert time.monotonic() - began < 3.5 * alone


def test_a_redis_out_of_reach_holds_nobody(settings: dict[str, str]) -> None:
    with unreachable() as port:
        own = {**settings, "HELPDESK_JOBS_URL": f"redis://127.0.0.1:{port}/2"}
        with (
            Helpdesk(own).running() as server,
            httpx.Client(
                base_url=server.url, headers=AGENT, timeout=8, verify=CERTIFICATES
            ) as http,
        ):
            assert http.get("/api/exports/any").status_code == 503


def test_it_does_not_wait_for_ever_for_a_redis_out_of_reach(settings: dict[str, str]) -> None:
    with unreachable() as port:
        server = Helpdesk({**settings, "HELPDESK_PRESENCE_URL": f"redis://127.0.0.1:{port}/1"})
        server.launch()
        try:
            wait_until(lambda: server.has_ended, "the help desk gives up", 8)
            assert not server.is_up
        finally:
            server.stop()


@pytest.fixture
def slow(settings: dict[str, str], redis_server: RedisServer) -> Iterator[httpx.Client]:
    """A client of a help desk whose cache and presence answer slowly."""
    with SlowLine(redis_server.port, PAUSE).running() as line:
        roles = {"HELPDESK_CACHE_URL": 0, "HELPDESK_PRESENCE_URL": 1}
        urls = {role: f"redis://127.0.0.1:{line.port}/{number}" for role, number in roles.items()}
        with (
            Helpdesk({**settings, **urls}).running() as server,
            httpx.Client(
                base_url=server.url, headers=AGENT, timeout=15, verify=CERTIFICATES
            ) as http,
        ):
            yield http


def test_a_slow_redis_is_asked_for_everybody_at_once(
    slow: httpx.Client, redis_server: RedisServer
) -> None:
    agents = [f"agent-{number}" for number in range(8)]
    with redis_server.client(1) as presence:
        presence.mset({f"presence:{agent}": "here" for agent in agents})

    def ask() -> None:
        online = slow.get("/api/presence", params={"agents": agents}).json()
        assert online == {"online": agents}

    ask()
    assert fastest(ask) < PAUSE * len(agents) / 2


def test_a_slow_redis_is_asked_by_many_at_once(slow: httpx.Client, known_ticket: int) -> None:
    with ThreadPoolExecutor(8) as people:

        def ask() -> None:
            asked = [people.submit(slow.get, f"/api/tickets/{known_ticket}") for _ in range(8)]
            assert [each.result().status_code for each in asked] == [200] * 8

        ask()
        assert fastest(ask) < PAUSE * 8 / 2
