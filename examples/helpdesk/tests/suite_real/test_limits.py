"""What must not take long, and what must not last for ever."""

import json
import time
from collections.abc import Callable

import httpx
import pytest

from helpdesk.errors import Busy
from helpdesk.schemas import TicketView
from helpdesk.services.webhooks import Webhooks
from helpdesk.workers.courier import Courier, Throttle
from tests.suite_real.conftest import AGENT
from tests.suite_real.peers import Firehose
from tests.suite_real.served import Helpdesk, ModelServer
from tests.suite_real.stopwatch import BUDGET, fastest
from tests.suite_real.waiting import CERTIFICATES, wait_until

NewTicket = Callable[..., int]
DRAFT = {"customer_id": 7, "subject": "Printer", "body": "no"}
LONG_AGO = {"priority": "low", "created_at": "2020-02-28T12:00:00Z"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda http: http.get("/healthz"),
        lambda http: http.get("/readyz"),
        lambda http: http.get("/any/other/page"),
        lambda http: http.post("/api/tickets", json=DRAFT),
        lambda http: http.get("/api/tickets"),
        lambda http: http.get("/api/tickets/987654"),
        lambda http: http.patch("/api/tickets/987654", json={"status": "closed"}),
        lambda http: http.post("/api/tickets/close", json={"ids": []}),
        lambda http: http.post("/api/tickets/987654/merge/987655"),
        lambda http: http.delete("/api/tickets/987654"),
        lambda http: http.get("/api/assistant/articles", params={"query": "printer"}),
        lambda http: http.get("/api/presence", params={"agents": "agent"}),
        lambda http: http.post("/api/exports", json={"format": "csv"}),
        lambda http: http.get("/api/exports/unknown"),
        lambda http: http.get("/api/reports/closed"),
        lambda http: http.get("/api/reports/promise", params=LONG_AGO),
    ],
)
def test_nobody_waits(http: httpx.Client, ask: Callable[[httpx.Client], httpx.Response]) -> None:
    assert fastest(lambda: ask(http)) < BUDGET


@pytest.mark.parametrize("wish", ["summary", "answer", "suggestions"])
def test_nobody_waits_for_the_assistant(
    http: httpx.Client, new_ticket: NewTicket, well_behaved_model: ModelServer, wish: str
) -> None:
    number = new_ticket()

    assert fastest(lambda: http.post(f"/api/tickets/{number}/{wish}")) < BUDGET


def test_nobody_waits_for_a_translation(
    http: httpx.Client, well_behaved_model: ModelServer
) -> None:
    wish = {"text": "the lift is stuck", "language": "fr"}

    assert fastest(lambda: http.post("/api/assistant/translate", json=wish)) < BUDGET


@pytest.mark.parametrize("wish", ["answer", "suggestions"])
def test_what_the_assistant_writes_comes_piece_by_piece(
    http: httpx.Client, new_ticket: NewTicket, well_behaved_model: ModelServer, wish: str
) -> None:
    number = new_ticket(body="one two three four five six")
    well_behaved_model.behave("good", pause=0.1)
    began = time.monotonic()

    with http.stream("POST", f"/api/tickets/{number}/{wish}") as response:
        pieces = response.iter_text()
        next(pieces)
        first = time.monotonic() - began
        list(pieces)
    whole = time.monotonic() - began

    assert first < whole / 2


def test_who_asks_too_often_is_turned_away(
    settings: dict[str, str], well_behaved_model: ModelServer
) -> None:
    own = {**settings, "HELPDESK_RATE_LIMIT_PER_MINUTE": "1"}
    with (
        Helpdesk(own).running() as server,
        httpx.Client(base_url=server.url, headers=AGENT, timeout=15, verify=CERTIFICATES) as http,
    ):
        number = http.post("/api/tickets", json=DRAFT).json()["id"]
        asked = [http.post(f"/api/tickets/{number}/summary").status_code for _ in range(2)]

    assert asked == [200, 429]


def test_an_answer_that_trickles_has_a_deadline(
    settings: dict[str, str], well_behaved_model: ModelServer
) -> None:
    own = {**settings, "HELPDESK_ASSISTANT_DEADLINE": "1"}
    well_behaved_model.behave("good", pause=0.4)
    with (
        Helpdesk(own).running() as server,
        httpx.Client(base_url=server.url, headers=AGENT, timeout=15, verify=CERTIFICATES) as http,
    ):
        draft = {**DRAFT, "body": "one two three four five six seven eight"}
        number = http.post("/api/tickets", json=draft).json()["id"]
        answer = http.post(f"/api/tickets/{number}/answer").text

    assert "the assistant was too slow" in answer


def test_suggestions_that_trickle_have_a_deadline(
    http: httpx.Client,
    new_ticket: NewTicket,
    well_behaved_model: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("helpdesk.routes.answers.SUGGESTION_SECONDS", 0.5)
    number = new_ticket(body="one two three four five six seven eight")
    well_behaved_model.behave("good", pause=0.3)

    with pytest.raises(httpx.RemoteProtocolError):
        http.post(f"/api/tickets/{number}/suggestions")


def test_who_reads_slowly_has_the_model_server_wait(settings: dict[str, str]) -> None:
    piece = json.dumps({"choices": [{"delta": {"content": "x" * 60_000}}]})
    with (
        Firehose([f"data: {piece}\n\n".encode()] * 600 + [b"data: [DONE]\n\n"]).running() as model,
        Helpdesk({**settings, "HELPDESK_ASSISTANT_URL": model.url}).running() as server,
        httpx.Client(base_url=server.url, headers=AGENT, timeout=15, verify=CERTIFICATES) as http,
    ):
        number = http.post("/api/tickets", json=DRAFT).json()["id"]
        with http.stream("POST", f"/api/tickets/{number}/suggestions") as response:
            wait_until(lambda: model.is_held or model.is_empty, "it waits", 8)
            assert model.is_held
            last = list(response.iter_raw())[-1]

    assert last.endswith(b'event: done\ndata: ""\n\n')


def test_an_event_too_many_is_refused(http: httpx.Client, new_ticket: NewTicket) -> None:
    ticket = TicketView.model_validate(http.get(f"/api/tickets/{new_ticket()}").json())
    courier = Courier(Webhooks(httpx.AsyncClient(verify=CERTIFICATES)), Throttle())
    for _ in range(1_000):
        courier.offer("ticket-created", ticket)

    with pytest.raises(Busy):
        courier.offer("ticket-created", ticket)
