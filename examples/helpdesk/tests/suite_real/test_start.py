"""The start and the end; in a process of its own where it is the process that counts."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer
from threading import Thread

import httpx

from tests.suite_real.processes import HelpdeskProcess, RedisServer
from tests.suite_real.served import Helpdesk
from tests.suite_real.waiting import (
    CERTIFICATES,
    START_SECONDS,
    STOP_SECONDS,
    free_port,
    wait_until,
)


class Brief(TCPServer):
    """Its port can be taken again at once, though a caller's last packets are on their way."""

    allow_reuse_address = True


class BusyPort:
    """A port at which one caller is hung up on, and then nobody listens any more."""

    def __init__(self) -> None:
        class HangUp(BaseRequestHandler):
            """Says nothing, and leaves."""

        self._server = Brief(("127.0.0.1", 0), HangUp)
        self.number: int = self._server.server_address[1]
        self._thread = Thread(target=self._server.handle_request, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Return when somebody has called."""
        self._thread.join(STOP_SECONDS)
        self._server.server_close()
        assert not self._thread.is_alive(), "nobody called"


def test_it_is_ready_after_the_start_and_ends_when_it_is_told_to(
    settings: dict[str, str], folder: Path
) -> None:
    with HelpdeskProcess(settings, log=folder / "helpdesk.log").running() as server:
        response = httpx.get(f"{server.url}/readyz", timeout=15, verify=CERTIFICATES)

        assert response.status_code == 200
        assert response.json() == {"database": "up", "redis": "up"}
        alive = httpx.get(f"{server.url}/healthz", timeout=15, verify=CERTIFICATES)
        assert alive.json() == {"status": "ok"}
        assert server.ends_when_told()
        assert "never awaited" not in server.output


def test_it_ends_although_there_is_work(settings: dict[str, str]) -> None:
    server = Helpdesk(settings)
    with server.running():
        assert httpx.get(f"{server.url}/readyz", timeout=15, verify=CERTIFICATES).is_success

    assert server.has_ended


def test_it_can_end_as_soon_as_it_has_started(helpdesk: Helpdesk) -> None:
    async def start_and_end() -> str:
        async with helpdesk.app.router.lifespan_context(helpdesk.app):
            pass
        return "ended"

    helpdesk.stop()
    assert asyncio.run(start_and_end()) == "ended"
    helpdesk.start()


@contextmanager
def launched(server: HelpdeskProcess) -> Iterator[HelpdeskProcess]:
    """Started, and ended in any case."""
    server.launch()
    try:
        wait_until(lambda: server.exit_code() is not None, "the help desk gives up", START_SECONDS)
        yield server
    finally:
        server.stop()


def test_it_ends_with_an_error_when_redis_is_missing(
    settings: dict[str, str], folder: Path
) -> None:
    nowhere = {**settings, "HELPDESK_CACHE_URL": f"redis://127.0.0.1:{free_port()}/0"}
    with launched(HelpdeskProcess(nowhere, log=folder / "no-redis.log")) as server:
        assert server.exit_code() != 0
        assert "Connect" in server.output


def test_it_names_the_variable_that_is_missing(settings: dict[str, str], folder: Path) -> None:
    incomplete = {name: value for name, value in settings.items() if "PAGER" not in name}
    with launched(HelpdeskProcess(incomplete, log=folder / "no-pager.log")) as server:
        assert server.exit_code() != 0
        assert "pager_url" in server.output


def test_it_waits_for_a_redis_that_comes_a_little_later(
    settings: dict[str, str], redis_binary: str, folder: Path
) -> None:
    port = BusyPort()
    late = RedisServer(redis_binary, log=folder / "late.log", port=port.number)
    server = Helpdesk({**settings, "HELPDESK_CACHE_URL": f"redis://127.0.0.1:{late.port}/0"})
    server.launch()
    try:
        port.wait()
        with late.running():
            wait_until(lambda: server.is_up or server.has_ended, "the help desk starts", 15)
            assert server.is_up
    finally:
        server.stop()


def test_presence_is_empty_after_a_restart(
    helpdesk: Helpdesk, redis_server: RedisServer, http: httpx.Client
) -> None:
    with redis_server.client(1) as presence:
        presence.set("presence:agent", "here")
    assert http.get("/api/presence", params={"agents": "agent"}).json() == {"online": ["agent"]}

    helpdesk.stop()
    helpdesk.start()

    assert http.get("/api/presence", params={"agents": "agent"}).json() == {"online": []}
