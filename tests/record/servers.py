"""Real servers for the suites that tests write."""

import http.server
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 30
"""Seconds until a server must answer, on the slowest machine."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def redis_server(folder: Path) -> Iterator[int]:
    """A Redis of our own; its port."""
    program = shutil.which("redis-server")
    assert program, "redis-server is missing: `make services` installs it"
    port = free_port()
    command = [program, "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            yield port
        finally:
            server.terminate()


@contextmanager
def answerer(program: str) -> Iterator[int]:
    """A program beside this file that speaks a server's protocol, in a process of its own; its port."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name(program)), str(port)]
    with subprocess.Popen(command) as server:
        try:
            wait_for(port)
            yield port
        finally:
            server.terminate()


@contextmanager
def docker_daemon(folder: Path) -> Iterator[str]:
    """What answers as one, in a process of its own; its address."""
    socket_file = folder / "docker.sock"
    command = [sys.executable, "-m", "tests.record.docker_answerer", str(socket_file)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as daemon:
        try:
            deadline = time.monotonic() + _PATIENCE
            while not socket_file.exists():
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield f"unix://{socket_file}"
        finally:
            daemon.terminate()


class _Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def web_server() -> Iterator[str]:
    """Something that answers every GET; its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
