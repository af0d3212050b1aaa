"""Answers as a Docker daemon would on a Unix socket: a program, given the socket's path.

Every image is there; whatever the image, a container that is started is a real Redis on a port of this machine.
"""

import json
import re
import signal
import socketserver
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.record.servers import free_port, wait_for

_CONTAINER = re.compile(r"^(?:/v[\d.]+)?/containers/(\w+)(?:/(\w+))?$")
_IDENTITY = "c" * 64
_LOG = b"Ready to accept connections\n"
_RUNNING: dict[str, tuple[int, "subprocess.Popen[bytes]"]] = {}


class Daemon(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Versions, images, containers and what they say."""
        path = self.path.partition("?")[0]
        container = _CONTAINER.match(path)
        if path.endswith("/version"):
            self.answer({"Version": "27.0.0", "ApiVersion": "1.46", "MinAPIVersion": "1.24"})
        elif path.endswith("/networks"):
            self.answer([])
        elif container and container[2] == "logs":
            self.answer(b"\x01\x00\x00\x00" + len(_LOG).to_bytes(4, "big") + _LOG)
        elif container and container[1] == "json":
            self.answer([inspected()])
        elif container:
            self.answer(inspected())
        else:
            self.answer({"Id": "sha256:" + "1" * 64, "RepoTags": []})

    def do_POST(self) -> None:
        """Containers are made, started and stopped."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.partition("?")[0].endswith("/containers/create"):
            self.answer({"Id": _IDENTITY, "Warnings": []}, 201)
        elif self.path.endswith("/start"):
            port = free_port()
            command = ["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
            _RUNNING[_IDENTITY] = port, subprocess.Popen(command, stdout=subprocess.DEVNULL)
            wait_for(port)
            self.answer(b"", 204)
        else:
            self.answer(b"", 204)

    def do_DELETE(self) -> None:
        """It is removed, and what runs in it ends."""
        stop()
        self.answer(b"", 204)

    def answer(self, content: Any, status: int = 200) -> None:
        """Say so."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        """A Unix socket has no address."""
        return "socket"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def inspected() -> dict[str, Any]:
    """What is known of the one container."""
    port, _ = _RUNNING.get(_IDENTITY, (0, None))
    ports = {"6379/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]} if port else {}
    network = {"Networks": {"bridge": {"IPAddress": "127.0.0.1", "Gateway": "127.0.0.1"}}, "Ports": ports}
    return {
        "Id": _IDENTITY, "Name": "/one", "Image": "redis", "Config": {"Image": "redis", "Tty": False, "Labels": {}},
        "State": {"Status": "running", "Running": bool(port)}, "HostConfig": {"NetworkMode": "bridge"},
        "NetworkSettings": network, "Names": ["/one"],
    }  # fmt: skip


def stop() -> None:
    """End what runs."""
    for _, server in _RUNNING.values():
        server.terminate()
        server.wait()
    _RUNNING.clear()


class Server(socketserver.ThreadingUnixStreamServer):
    """A thread for each client."""

    daemon_threads = True


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with Server(sys.argv[1], Daemon) as server:
            server.serve_forever()
    finally:
        stop()
        Path(sys.argv[1]).unlink(missing_ok=True)
