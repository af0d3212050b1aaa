"""The assistant's answers as a client of the stream sees them."""

import json
from collections.abc import Callable

import httpx
import pytest

from tests.suite_real.processes import ModelServer

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


@pytest.mark.parametrize(("behaviour", "status"), [("hang", 504), ("refuse", 502)])
def test_a_summary_that_fails_is_an_error(
    http: httpx.Client,
    new_ticket: NewTicket,
    well_behaved_model: ModelServer,
    behaviour: str,
    status: int,
) -> None:
    number = new_ticket()
    well_behaved_model.behave(behaviour)

    assert http.post(f"/api/tickets/{number}/summary").status_code == status
