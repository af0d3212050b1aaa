"""The chat socket as a browser uses it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from helpdesk.routes import chat
from helpdesk.services.rooms import Rooms
from tests.suite_real.served import Helpdesk, ModelServer
from tests.suite_real.stopwatch import BUDGET, fastest
from tests.suite_real.waiting import wait_until

Frame = dict[str, str]


@contextmanager
def joined(
    helpdesk: Helpdesk, conversation: str, token: str = "agent-for-tests"
) -> Iterator[ClientConnection]:
    """A socket in a conversation."""
    address = f"ws://127.0.0.1:{helpdesk.port}/ws/chat/{conversation}?token={token}"
    with connect(address, open_timeout=10, close_timeout=5) as socket:
        yield socket


def ask(socket: ClientConnection, question: str) -> list[Frame]:
    """Ask, and read until the answer has ended."""
    socket.send(json.dumps({"question": question}))
    frames: list[Frame] = []
    while not frames or frames[-1]["type"] == "token":
        frames.append(json.loads(socket.recv(timeout=15)))
    return frames


def text_of(frames: list[Frame]) -> str:
    """What the tokens say together."""
    return "".join(frame["text"] for frame in frames if frame["type"] == "token")


def test_the_assistant_remembers_the_conversation(
    helpdesk: Helpdesk, well_behaved_model: ModelServer
) -> None:
    with joined(helpdesk, "memory") as socket:
        first = ask(socket, "who are you?")
        second = ask(socket, "and again?")

    assert text_of(first).strip() == "Hedwig heard after 0 earlier questions: who are you?"
    assert text_of(second).strip() == "Hedwig heard after 1 earlier questions: and again?"
    assert second[-1] == {"type": "done"}


def test_conversations_do_not_mix(helpdesk: Helpdesk, well_behaved_model: ModelServer) -> None:
    with joined(helpdesk, "one") as one, joined(helpdesk, "two") as two:
        ask(one, "a secret")

        assert "after 0 earlier questions" in text_of(ask(two, "what do you know?"))


@pytest.mark.parametrize(
    "frame",
    ["{", "{}", "[]", '{"question": ""}', json.dumps({"question": "x" * 4_001})],
    ids=["no JSON", "no question", "a list", "nothing", "too much"],
)
def test_a_frame_that_is_no_question_does_not_end_the_chat(
    helpdesk: Helpdesk, well_behaved_model: ModelServer, frame: str
) -> None:
    with joined(helpdesk, "nonsense") as socket:
        socket.send(frame)
        refusal = json.loads(socket.recv(timeout=15))

        assert refusal == {"type": "error", "text": "that was not a question"}
        assert ask(socket, "still there?")[-1] == {"type": "done"}


def test_a_wrong_token_gets_no_socket(helpdesk: Helpdesk) -> None:
    with pytest.raises(InvalidStatus) as refusal, joined(helpdesk, "closed", token="wrong"):
        pass

    assert refusal.value.response.status_code == 403


def test_an_answer_that_is_cut_is_an_error_and_is_not_remembered(
    helpdesk: Helpdesk, well_behaved_model: ModelServer
) -> None:
    with joined(helpdesk, "cut") as socket:
        well_behaved_model.behave("cut")
        cut = ask(socket, "will you finish?")
        well_behaved_model.behave("good")
        whole = ask(socket, "once more?")

    assert cut[-1] == {"type": "error", "text": "the answer ended too early"}
    assert "after 0 earlier questions" in text_of(whole)


def test_a_client_that_leaves_in_the_middle_does_not_disturb_the_next(
    helpdesk: Helpdesk, well_behaved_model: ModelServer
) -> None:
    well_behaved_model.behave("good", pause=0.2)
    with joined(helpdesk, "leaver") as socket:
        socket.send(json.dumps({"question": "tell me a long story about printers"}))
        assert json.loads(socket.recv(timeout=15))["type"] == "token"
    well_behaved_model.behave("good")

    with joined(helpdesk, "leaver") as socket:
        assert ask(socket, "hello?")[-1] == {"type": "done"}


def test_nobody_waits_for_a_reply(helpdesk: Helpdesk, well_behaved_model: ModelServer) -> None:
    def talk() -> None:
        with joined(helpdesk, "hurry") as socket:
            ask(socket, "quick?")

    assert fastest(talk) < BUDGET


def test_who_says_nothing_for_long_is_shown_out(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "IDLE_SECONDS", 0.2)
    with joined(helpdesk, "silence") as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=15)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == chat.GOING_AWAY


def test_who_leaves_is_counted_no_more(helpdesk: Helpdesk) -> None:
    rooms = helpdesk.app.state.resources.rooms
    with joined(helpdesk, "counted"):
        wait_until(lambda: rooms.count() == 1, "one is there", 10)

    wait_until(lambda: rooms.count() == 0, "nobody is there any more", 10)


def test_a_room_that_everybody_has_left_is_kept_no_more(helpdesk: Helpdesk) -> None:
    rooms = helpdesk.app.state.resources.rooms
    with joined(helpdesk, "left"), joined(helpdesk, "left"):
        wait_until(lambda: rooms.count() == 2, "two are there", 10)

    wait_until(lambda: rooms.count() == 0, "nobody is there any more", 10)
    wait_until(lambda: vars(rooms) == vars(Rooms()), "all rooms are closed", 1)
