"""Applications behind real sockets, each served by uvicorn in a thread of the test process.

A process would take a second to start: what only a process can show is tested in `test_start`.
"""

import socket
from collections.abc import Callable
from threading import Thread

import httpx
import uvicorn
from fastapi import FastAPI

from helpdesk.application import create_app
from helpdesk.settings import Settings
from model_server.server import app as model_app
from tests.suite_real.runs import Runs
from tests.suite_real.waiting import CERTIFICATES, START_SECONDS, STOP_SECONDS, wait_until


class Served(Runs):
    """An application on a port of its own, which it keeps while it is stopped."""

    def __init__(self, make: Callable[[], FastAPI]) -> None:
        self._socket = _bound(0)
        super().__init__(self._socket.getsockname()[1])
        self._make = make
        self._server: uvicorn.Server | None = None
        self._thread: Thread | None = None

    def launch(self) -> None:
        """Start it, without waiting for it."""
        self.app = self._make()
        config = uvicorn.Config(self.app, log_level="warning", timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self.launch()
        wait_until(lambda: self.is_up or self.has_ended, f"{self.url} listens", START_SECONDS)
        assert self.is_up, "it ended at once"

    @property
    def is_up(self) -> bool:
        """Does it listen?"""
        return self._server is not None and self._server.started

    @property
    def has_ended(self) -> bool:
        """Has it given up, or been stopped?"""
        return self._thread is None or not self._thread.is_alive()

    def stop(self) -> None:
        """Have it end as a signal would, and wait until it has."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(STOP_SECONDS)
        assert self.has_ended, f"{self.url} did not end within {STOP_SECONDS:.0f} seconds"
        self._server = None
        self._socket.close()
        self._socket = _bound(self.port)


def _bound(port: int) -> socket.socket:
    """A port that nobody else is given; who connects to it is refused until somebody listens."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


class Helpdesk(Served):
    """The help desk, with settings that are spelled as in its environment."""

    def __init__(self, settings: dict[str, str]) -> None:
        given = {name.removeprefix("HELPDESK_").lower(): text for name, text in settings.items()}
        super().__init__(lambda: create_app(Settings(**given)))


class ModelServer(Served):
    """The model server of this repository."""

    def __init__(self) -> None:
        super().__init__(lambda: model_app)

    def behave(self, behaviour: str, pause: float = 0.0) -> None:
        """From now on, answers go like this."""
        wish = {"behaviour": behaviour, "pause": pause}
        httpx.put(
            f"{self.url}/behaviour", json=wish, timeout=5, verify=CERTIFICATES
        ).raise_for_status()
