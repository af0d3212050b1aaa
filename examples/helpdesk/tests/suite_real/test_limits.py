"""What must not take long, and what must not last for ever."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.suite_real.conftest import AGENT
from tests.suite_real.processes import Helpdesk, ModelServer, Receiver, RedisServer, wait_until

NewTicket = Callable[..., int]
BUDGET = 0.35
"""Seconds; longer, and a person feels it."""
DRAFT = {"customer_id": 7, "subject": "Printer", "body": "no"}


def fastest(act: Callable[[], object], tries: int = 10) -> float:
    """Seconds that it takes at its best: a busy machine does not count."""
    best = float("inf")
    for _ in range(tries):
        began = time.monotonic()
        act()
        best = min(best, time.monotonic() - began)
        if best < BUDGET / 2:
            break
    return best


@pytest.mark.parametrize(
    "ask",
    [
        lambda http: http.get("/healthz"),
        lambda http: http.get("/readyz"),
        lambda http: http.post("/api/tickets", json=DRAFT),
        lambda http: http.get("/api/tickets"),
        lambda http: http.get("/api/tickets/987654"),
        lambda http: http.get("/api/presence", params={"agents": "agent"}),
        lambda http: http.post("/api/exports", json={"format": "csv"}),
        lambda http: http.get("/api/exports/unknown"),
    ],
)
def test_nobody_waits(http: httpx.Client, ask: Callable[[httpx.Client], httpx.Response]) -> None:
    assert fastest(lambda: ask(http)) < BUDGET


def test_nobody_waits_for_an_answer_or_a_summary(
    http: httpx.Client, new_ticket: NewTicket, well_behaved_model: ModelServer
) -> None:
    number = new_ticket()

    assert fastest(lambda: http.post(f"/api/tickets/{number}/summary")) < BUDGET
    assert fastest(lambda: http.post(f"/api/tickets/{number}/answer")) < BUDGET


def test_an_answer_comes_piece_by_piece(
    http: httpx.Client, new_ticket: NewTicket, well_behaved_model: ModelServer
) -> None:
    number = new_ticket(body="one two three four five six")
    well_behaved_model.behave("good", pause=0.2)
    began = time.monotonic()

    with http.stream("POST", f"/api/tickets/{number}/answer") as response:
        pieces = response.iter_text()
        next(pieces)
        first = time.monotonic() - began
        list(pieces)
    whole = time.monotonic() - began

    assert first < whole / 2


@pytest.fixture
def frozen(redis_server: RedisServer, new_ticket: NewTicket) -> Iterator[int]:
    """A Redis that takes connections and says nothing; a ticket from before."""
    number = new_ticket()
    redis_server.freeze()
    yield number
    redis_server.thaw()


def test_a_silent_redis_holds_nobody(http: httpx.Client, frozen: int) -> None:
    assert http.get(f"/api/tickets/{frozen}").status_code == 503
    assert http.get("/api/presence", params={"agents": "agent"}).json() == {"online": []}


def test_who_asks_too_often_is_turned_away(
    settings: dict[str, str], folder: Path, well_behaved_model: ModelServer
) -> None:
    own = {**settings, "HELPDESK_RATE_LIMIT_PER_MINUTE": "1"}
    with (
        Helpdesk(own, log=folder / "busy.log").running() as server,
        httpx.Client(base_url=server.url, headers=AGENT, timeout=15) as http,
    ):
        number = http.post("/api/tickets", json=DRAFT).json()["id"]
        asked = [http.post(f"/api/tickets/{number}/summary").status_code for _ in range(2)]

    assert asked == [200, 429]


def test_an_answer_that_trickles_has_a_deadline(
    settings: dict[str, str], folder: Path, well_behaved_model: ModelServer
) -> None:
    own = {**settings, "HELPDESK_ASSISTANT_DEADLINE": "1"}
    well_behaved_model.behave("good", pause=0.4)
    with (
        Helpdesk(own, log=folder / "deadline.log").running() as server,
        httpx.Client(base_url=server.url, headers=AGENT, timeout=15) as http,
    ):
        draft = {**DRAFT, "body": "one two three four five six seven eight"}
        number = http.post("/api/tickets", json=draft).json()["id"]
        answer = http.post(f"/api/tickets/{number}/answer").text

    assert "the assistant was too slow" in answer


@pytest.mark.parametrize("silent", [False, True])
def test_every_ticket_is_told_to_others_and_nobody_waits_for_them(
    settings: dict[str, str], folder: Path, silent: bool
) -> None:
    with Receiver(silent=silent).running() as receiver:
        own = {**settings, "HELPDESK_WEBHOOK_URL": receiver.url}
        with (
            Helpdesk(own, log=folder / f"webhook-{silent}.log").running() as server,
            httpx.Client(base_url=server.url, headers=AGENT, timeout=15) as http,
        ):
            numbers = [http.post("/api/tickets", json=DRAFT).json()["id"] for _ in range(2)]
            wait_until(lambda: len(receiver.told) == 2, "both are told", 20)

    assert [json.loads(told) for told in receiver.told] == [
        {"event": "ticket-created", "id": number} for number in numbers
    ]


def test_it_ends_when_it_is_told_to(settings: dict[str, str], folder: Path) -> None:
    with Helpdesk(settings, log=folder / "ends.log").running() as server:
        assert server.ends_when_told()
