"""Processes that a test starts, waits for, and takes away."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import redis

from tests.suite_real.runs import Runs
from tests.suite_real.waiting import (
    CERTIFICATES,
    START_SECONDS,
    STOP_SECONDS,
    free_port,
    wait_until,
)

ROOT = Path(__file__).parents[2]


class Service(Runs):
    """One process with one port; it can be stopped and started again."""

    def __init__(self, name: str, command: list[str], *, port: int, log: Path) -> None:
        super().__init__(port)
        self.name = name
        self._command = command
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

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
        wait_until(self._is_ready_or_dead, f"{self.name} is ready", START_SECONDS)
        assert self.exit_code() is None, f"{self.name} ended at once:\n{self.output}"

    def stop(self) -> None:
        """End the process, politely and then not."""
        if self._process is None:
            return
        if not self.ends_when_told():
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

    def exit_code(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.poll() if self._process else None

    def _is_ready_or_dead(self) -> bool:
        return self.exit_code() is not None or self.is_ready()


class RedisServer(Service):
    """A real Redis, empty, without persistence."""

    def __init__(self, binary: str, *, log: Path, port: int | None = None) -> None:
        port = port or free_port()
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


class HelpdeskProcess(Service):
    """The application as production starts it: for what only a process can show."""

    def __init__(self, settings: dict[str, str], *, log: Path) -> None:
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "helpdesk.main:app", "--port", str(port)]
        super().__init__("help desk", command, port=port, log=log)
        self._settings = settings

    def environment(self) -> dict[str, str]:
        """The settings as variables."""
        return {**super().environment(), **self._settings}

    def is_ready(self) -> bool:
        """Is it healthy?"""
        try:
            return httpx.get(f"{self.url}/healthz", timeout=1, verify=CERTIFICATES).is_success
        except httpx.TransportError:
            return False
