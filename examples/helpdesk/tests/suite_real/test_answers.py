"""The assistant's answers as a client of the stream sees them."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.suite_real.conftest import AGENT
from tests.suite_real.peers import Peer
from tests.suite_real.served import Helpdesk, ModelServer
from tests.suite_real.waiting import CERTIFICATES

NewTicket = Callable[..., int]
Event = tuple[str, str]


def read_events(http: httpx.Client, path: str) -> list[Event]:
    """All events of a stream, to its end."""
    events: list[Event] = []
    with http.stream("POST", path) as response:
        assert response.status_code == 200
        for block in response.read().decode().strip().split("\n\n"):
            kind, data = block.split("\n")
            events.append((kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


def text_of(events: list[Event]) -> str:
    """What the tokens say together."""
    return "".join(text for kind, text in events if kind == "token")


def test_an_answer_comes_whole_and_from_hedwig(
    http: httpx.Client, new_ticket: NewTicket, well_behaved_model: ModelServer
) -> None:
    number = new_ticket(body="my screen is blue")

    events = read_events(http, f"/api/tickets/{number}/answer")

    assert text_of(events).startswith("Hedwig heard")
    assert "my screen is blue" in text_of(events)
    assert events[-1] == ("done", "")


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("cut", "the answer ended too early"),
        ("garble", "the answer was garbled"),
        ("hang", "the assistant was too slow"),
        ("refuse", "the assistant is not available"),
    ],
)
def test_an_answer_that_fails_says_so_and_the_next_one_is_good(
    http: httpx.Client,
    new_ticket: NewTicket,
    well_behaved_model: ModelServer,
    behaviour: str,
    message: str,
) -> None:
    number = new_ticket()
    well_behaved_model.behave(behaviour)
    assert read_events(http, f"/api/tickets/{number}/answer")[-1] == ("error", message)

    well_behaved_model.behave("good")

    assert read_events(http, f"/api/tickets/{number}/answer")[-1] == ("done", "")


@pytest.mark.parametrize(
    "chunk", [{}, {"choices": []}, {"choices": None}, {"choices": [{"delta": None}]}]
)
def test_chunks_that_are_none_are_garbled(settings: dict[str, str], chunk: object) -> None:
    said = f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode()
    with (
        Peer({"POST /v1/chat/completions": (200, said)}).running() as model,
        Helpdesk({**settings, "HELPDESK_ASSISTANT_URL": model.url}).running() as server,
        httpx.Client(base_url=server.url, headers=AGENT, timeout=15, verify=CERTIFICATES) as http,
    ):
        draft = {"customer_id": 7, "subject": "Printer", "body": "no"}
        number = http.post("/api/tickets", json=draft).json()["id"]
        events = read_events(http, f"/api/tickets/{number}/answer")

    assert events == [("error", "the answer was garbled")]


@pytest.mark.parametrize("line", [b"nonsense\n", b"{}\n"])
def test_a_summary_that_is_none_is_an_error(settings: dict[str, str], line: bytes) -> None:
    with (
        Peer({"POST /api/chat": (200, line)}).running() as model,
        Helpdesk({**settings, "HELPDESK_ASSISTANT_URL": model.url}).running() as server,
        httpx.Client(base_url=server.url, headers=AGENT, timeout=15, verify=CERTIFICATES) as http,
    ):
        draft = {"customer_id": 7, "subject": "Printer", "body": "no"}
        number = http.post("/api/tickets", json=draft).json()["id"]
        response = http.post(f"/api/tickets/{number}/summary")

    assert (response.status_code, response.json()) == (502, {"detail": "the summary was garbled"})


def test_suggestions_come_whole(
    http: httpx.Client, new_ticket: NewTicket, well_behaved_model: ModelServer
) -> None:
    number = new_ticket(body="the door is open")

    events = read_events(http, f"/api/tickets/{number}/suggestions")

    assert text_of(events).endswith("What would you try? the door is open ")
    assert events[-1] == ("done", "")


def test_a_translation_is_one_text(http: httpx.Client, well_behaved_model: ModelServer) -> None:
    wish = {"text": "the lift is stuck", "language": "fr"}

    response = http.post("/api/assistant/translate", json=wish)

    assert response.status_code == 200
    assert response.json()["text"].startswith("Hedwig heard")
    assert response.json()["text"].endswith("Translate into fr: the lift is stuck ")


@pytest.mark.parametrize(("behaviour", "status"), [("hang", 504), ("refuse", 502)])
def test_a_translation_that_fails_is_an_error(
    http: httpx.Client, well_behaved_model: ModelServer, behaviour: str, status: int
) -> None:
    well_behaved_model.behave(behaviour)
    wish = {"text": "the lift is stuck", "language": "fr"}

    assert http.post("/api/assistant/translate", json=wish).status_code == status


@pytest.mark.parametrize(
    ("text", "language", "field"), [("", "fr", "text"), ("the lift", "French", "language")]
)
def test_a_wish_without_text_or_language_is_refused(
    http: httpx.Client, text: str, language: str, field: str
) -> None:
    response = http.post("/api/assistant/translate", json={"text": text, "language": language})

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", field]


@pytest.mark.parametrize("text", ["", "x" * 4_001], ids=["nothing", "too much"])
def test_a_question_of_nothing_or_too_much_is_refused(http: httpx.Client, text: str) -> None:
    response = http.post("/api/assistant/raw", json={"text": text})

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "text"]


def test_an_article_is_found_by_a_word_of_its_title(
    settings: dict[str, str], tmp_path: Path
) -> None:
    articles = tmp_path / "articles.json"
    known = [{"title": "Printer is on fire", "text": "Run."}, {"title": "Lift", "text": "Wait."}]
    articles.write_text(json.dumps(known), encoding="utf-8")
    with (
        Helpdesk({**settings, "HELPDESK_ARTICLES_PATH": str(articles)}).running() as server,
        httpx.Client(base_url=server.url, timeout=15, verify=CERTIFICATES) as http,
    ):
        found = http.get("/api/assistant/articles", params={"query": "my printer!"}).json()

    assert found == [{"title": "Printer is on fire", "text": "Run."}]


def test_a_model_server_that_is_gone_is_reported_and_found_again(
    http: httpx.Client, new_ticket: NewTicket, model_server: ModelServer
) -> None:
    number = new_ticket()
    model_server.stop()
    lost = read_events(http, f"/api/tickets/{number}/answer")
    model_server.start()

    assert lost == [("error", "the assistant is not available")]
    assert read_events(http, f"/api/tickets/{number}/answer")[-1] == ("done", "")


def test_a_summary_is_one_text(
    http: httpx.Client, new_ticket: NewTicket, well_behaved_model: ModelServer
) -> None:
    number = new_ticket(body="the lift is stuck")

    response = http.post(f"/api/tickets/{number}/summary")

    assert response.status_code == 200
    assert response.json()["summary"].endswith("the lift is stuck")


@pytest.mark.parametrize(
    ("behaviour", "status", "message"),
    [
        ("hang", 504, "the assistant was too slow"),
        ("refuse", 502, "the assistant is not available"),
    ],
)
def test_a_summary_that_fails_is_an_error(
    http: httpx.Client,
    new_ticket: NewTicket,
    well_behaved_model: ModelServer,
    behaviour: str,
    status: int,
    message: str,
) -> None:
    number = new_ticket()
    well_behaved_model.behave(behaviour)

    response = http.post(f"/api/tickets/{number}/summary")

    assert (response.status_code, response.json()) == (status, {"detail": message})
