"""What the help desk has other systems do, and tells them."""

import base64
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.suite_real.peers import Peer, VirusScanner
from tests.suite_real.stopwatch import BUDGET, fastest
from tests.suite_real.waiting import wait_until

NewTicket = Callable[..., int]
DRAFT = {"customer_id": 7, "subject": "Printer", "body": "no"}
CARD = {"name": "Ada", "contract": "gold"}


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    """The CRM, the billing and the paging service."""
    answers: dict[str, tuple[int, object]] = {
        "GET /customers/7": (200, CARD),
        "GET /rates?currency=usd": (200, {"rate": 1.08}),
        "POST /pages": (202, {}),
    }
    with Peer(answers).running() as running:
        yield running


@pytest.fixture
def listener(events: Peer) -> Iterator[Peer]:
    """Who is told of events; nothing yet."""
    events.asked.clear()
    yield events
    events.release()


@pytest.fixture(scope="module")
def events() -> Iterator[Peer]:
    """Who is told of events."""
    with Peer({"POST /events": (204, {})}).running() as running:
        yield running


@pytest.fixture(scope="module")
def scanner() -> Iterator[VirusScanner]:
    """The virus scanner."""
    with VirusScanner().running() as running:
        yield running


@pytest.fixture(scope="module")
def settings(
    settings: dict[str, str], peer: Peer, events: Peer, scanner: VirusScanner
) -> dict[str, str]:
    """The addresses of the other systems, too."""
    names = ("HELPDESK_CRM_URL", "HELPDESK_BILLING_URL", "HELPDESK_PAGER_URL")
    return {
        **settings,
        **dict.fromkeys(names, peer.url),
        "HELPDESK_WEBHOOK_URL": events.url,
        "HELPDESK_SCANNER_HOST": "127.0.0.1",
        "HELPDESK_SCANNER_PORT": str(scanner.port),
    }


def test_the_card_of_a_customer_is_that_of_the_crm(http: httpx.Client) -> None:
    assert http.get("/api/customers/7").json() == CARD


def test_a_customer_whom_nobody_knows_has_no_card(http: httpx.Client) -> None:
    assert http.get("/api/customers/8").status_code == 503


def test_an_exchange_rate_is_that_of_the_billing_service(http: httpx.Client) -> None:
    assert http.get("/api/billing/rates/usd").json() == {"rate": 1.08}


def test_a_billing_service_that_is_silent_is_asked_again_after_a_while(
    http: httpx.Client, peer: Peer
) -> None:
    asked = len(peer.asked)
    peer.hush()
    with ThreadPoolExecutor() as people:
        rate = people.submit(http.get, "/api/billing/rates/usd")
        others: list[tuple[float, float]] = []
        try:
            wait_until(lambda: served(http, others) and len(peer.asked) > asked + 1, "again", 12)
        finally:
            peer.release()
        assert rate.result().json() == {"rate": 1.08}

    first, again = peer.when[-2:]
    assert again - first > 5.5  # five seconds of patience, and one of rest
    assert any(again - 0.8 < began and ended < again for began, ended in others)


def served(http: httpx.Client, others: list[tuple[float, float]]) -> bool:
    """Somebody else is served; when it began and ended is noted."""
    began = time.monotonic()
    http.get("/healthz").raise_for_status()
    others.append((began, time.monotonic()))
    return True


@pytest.mark.parametrize("cents", [-1, 0, 100_001])
def test_a_refund_of_nothing_or_too_much_is_refused(http: httpx.Client, cents: int) -> None:
    response = http.post("/api/billing/refunds", json={"customer_id": 7, "cents": cents})

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "cents"]


def test_who_is_on_duty_is_paged(http: httpx.Client, new_ticket: NewTicket, peer: Peer) -> None:
    number = new_ticket("The coffee is cold")

    paged = http.post(f"/api/tickets/{number}/escalate").json()

    assert paged == {"paged": "duty-agent"}
    page = {"to": "duty-agent", "text": f"#{number}: The coffee is cold"}
    assert peer.asked[-1] == ("POST /pages", page)


@pytest.mark.parametrize(("content", "clean"), [(b"a letter", True), (b"an EICAR", False)])
def test_an_attachment_is_scanned(http: httpx.Client, content: bytes, clean: bool) -> None:
    assert scan(http, content).json() == {"clean": clean}


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [("x" * 201, "", "name"), ("x", "x" * 1_000_001, "content")],
    ids=["name", "content"],
)
def test_an_attachment_that_is_too_large_is_refused(
    http: httpx.Client, name: str, content: str, field: str
) -> None:
    response = http.post("/api/attachments/scan", json={"name": name, "content": content})

    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", field]


def test_nobody_waits_while_an_attachment_is_scanned(
    http: httpx.Client, scanner: VirusScanner
) -> None:
    scanner.pause = 2.0
    with ThreadPoolExecutor() as people:
        scanned = people.submit(scan, http, b"a long letter")
        time.sleep(0.2)
        assert fastest(lambda: http.get("/healthz"), tries=1) < scanner.pause / 2
        assert not scanned.done()
    scanner.pause = 0.0


@pytest.mark.parametrize(
    "ask",
    [
        lambda http: http.get("/api/customers/7"),
        lambda http: http.get("/api/billing/rates/usd"),
        lambda http: scan(http, b"a letter"),
    ],
)
def test_nobody_waits(http: httpx.Client, ask: Callable[[httpx.Client], httpx.Response]) -> None:
    assert fastest(lambda: ask(http)) < BUDGET


def test_nobody_waits_for_a_page(http: httpx.Client, new_ticket: NewTicket) -> None:
    number = new_ticket()

    assert fastest(lambda: http.post(f"/api/tickets/{number}/escalate")) < BUDGET


def test_a_ticket_is_told_to_others_also_after_a_quiet_second(
    new_ticket: NewTicket, listener: Peer
) -> None:
    time.sleep(1)
    numbers = [new_ticket() for _ in range(2)]

    wait_until(lambda: len(listener.asked) == 2, "both are told", 15)

    told = [{"event": "ticket-created", "id": number} for number in numbers]
    assert listener.asked == [("POST /events", each) for each in told]


def test_nobody_waits_for_others_who_are_silent(new_ticket: NewTicket, listener: Peer) -> None:
    listener.hush()

    assert fastest(new_ticket) < BUDGET
    new_ticket()

    wait_until(lambda: len(listener.asked) >= 2, "the second is told, too", 15)


def scan(http: httpx.Client, content: bytes) -> httpx.Response:
    """Have something scanned."""
    upload = {"name": "letter.txt", "content": base64.b64encode(content).decode()}
    return http.post("/api/attachments/scan", json=upload)
