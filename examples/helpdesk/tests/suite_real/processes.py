"""Processes that a test starts, waits for, and takes away."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import httpx
import redis

ROOT = Path(__file__).parents[2]
START_SECONDS = 30.0
STOP_SECONDS = 15.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Return when it is so; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:.0f} seconds")
        time.sleep(0.05)


class Service:
    """One process with one port; it can be stopped and started again."""

    def __init__(self, name: str, command: list[str], *, port: int, log: Path) -> None:
        self.name = name
        self.port = port
        self._command = command
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address over HTTP."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What the process has written so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def environment(self) -> dict[str, str]:
        """The variables of the process: ours, and none of the help desk's."""
        kept = {name: value for name, value in os.environ.items() if "HELPDESK" not in name}
        return {**kept, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}

    def is_ready(self) -> bool:
        """Does it answer?"""
        raise NotImplementedError

    def launch(self) -> None:
        """Start the process, without waiting for it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self.environment(), stdout=log, stderr=log
            )

    def start(self) -> None:
        """Start the process, and wait until it answers."""
        self.launch()
        wait_until(self._is_ready_or_dead, f"{self.name} is ready")
        assert self.exit_code() is None, f"{self.name} ended at once:\n{self.output}"

    def stop(self) -> None:
        """End the process, politely and then not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)
        self._process = None

    def freeze(self) -> None:
        """From now on it takes connections, and says nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def ends_when_told(self) -> bool:
        """Does it end by itself, politely asked?"""
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Started inside, ended outside, whatever happens."""
        try:
            self.start()
            yield self
        finally:
            self.stop()

    def exit_code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll() if self._process else None

    def _is_ready_or_dead(self) -> bool:
        return self.exit_code() is not None or self.is_ready()


class HttpService(Service):
    """A service that is ready when it answers over HTTP."""

    def is_ready(self) -> bool:
        """Is it healthy?"""
        try:
            return httpx.get(f"{self.url}/healthz", timeout=1).is_success
        except httpx.TransportError:
            return False


class RedisServer(Service):
    """A real Redis, empty, without persistence."""

    def __init__(self, binary: str, *, log: Path) -> None:
        port = free_port()
        command = [binary, "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
        super().__init__("redis", command, port=port, log=log)

    def client(self, database: int) -> redis.Redis:
        """A client for one of its databases."""
        return redis.Redis(
            port=self.port,
            db=database,
            socket_timeout=2,
            socket_connect_timeout=2,
            decode_responses=True,
        )

    def is_ready(self) -> bool:
        """Does it answer a ping?"""
        with self.client(0) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False


class ModelServer(HttpService):
    """The model server of this repository."""

    def __init__(self, *, log: Path) -> None:
        port = free_port()
        command = [sys.executable, "-m", "model_server.server", "--port", str(port)]
        super().__init__("model server", command, port=port, log=log)

    def behave(self, behaviour: str, pause: float = 0.0) -> None:
        """From now on, answers go like this."""
        wish = {"behaviour": behaviour, "pause": pause}
        httpx.put(f"{self.url}/behaviour", json=wish, timeout=5).raise_for_status()


class Helpdesk(HttpService):
    """The application as production starts it, on a port of its own."""

    def __init__(self, settings: dict[str, str], *, log: Path) -> None:
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "helpdesk.main:app", "--port", str(port)]
        super().__init__("help desk", command, port=port, log=log)
        self._settings = settings

    def environment(self) -> dict[str, str]:
        """The settings as variables."""
        return {**super().environment(), **self._settings}


class Receiver:
    """Another system that is told of events; it may stay silent."""

    def __init__(self, *, silent: bool = False) -> None:
        self.told: list[str] = []
        self._over = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                receiver.told.append(self.rfile.read(length).decode())
                if silent:
                    receiver._over.wait()
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Listening inside."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self._over.set()
            self._server.shutdown()
            self._server.server_close()
