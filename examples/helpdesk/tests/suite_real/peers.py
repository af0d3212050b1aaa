"""Other systems as the help desk sees them over the wire: also silent, slow, or out of reach."""

import json
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Listening:
    """Something that listens at a port, in threads of the test process."""

    def __init__(self, server: socketserver.ThreadingTCPServer) -> None:
        self._server = server
        self.port: int = server.server_address[1]

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self.port}"

    def release(self) -> None:
        """Let go of everybody who waits."""

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Listening inside."""
        serve = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        serve.start()
        try:
            yield self
        finally:
            self.release()
            self._server.shutdown()
            self._server.server_close()


class Peer(Listening):
    """A system with an HTTP interface: it answers as told, and remembers what it was asked.

    Answers are a status and a body for each request, `GET /rates`: bytes as they are, else JSON.
    """

    def __init__(self, answers: dict[str, tuple[int, object]] | None = None) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.when: list[float] = []
        self._answers = answers or {}
        self._speaking = threading.Event()
        self._speaking.set()
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def respond(self) -> None:
                peer.take(self)

            do_GET = do_POST = respond

            def log_message(self, format: str, *arguments: object) -> None:
                """Nobody reads it."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        super().__init__(server)

    def hush(self) -> None:
        """From now on it takes requests, and says nothing."""
        self._speaking.clear()

    def release(self) -> None:
        """It speaks again."""
        self._speaking.set()

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """One request."""
        request = f"{handler.command} {handler.path}"
        text = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        self.when.append(time.monotonic())
        self.asked.append((request, json.loads(text) if text else None))
        self._speaking.wait()
        status, body = self._answers.get(request, (404, {}))
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        with suppress(OSError):  # who has asked may not wait any more
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)


class Firehose(Listening):
    """A system that says all that it has to say as fast as it is listened to."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.is_empty = False
        self._spoke = float("inf")
        hose = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with suppress(OSError):  # who has asked may not listen any more
                    self.send_response(200)
                    self.end_headers()
                    for piece in pieces:
                        self.wfile.write(piece)
                        hose._spoke = time.monotonic()
                    hose.is_empty = True

            def log_message(self, format: str, *arguments: object) -> None:
                """Nobody reads it."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        super().__init__(server)

    @property
    def is_held(self) -> bool:
        """Has it had to wait for a while before it could go on?"""
        return not self.is_empty and time.monotonic() - self._spoke > 1


class VirusScanner(Listening):
    """A daemon that takes a stream of bytes; everything with EICAR in it is bad."""

    def __init__(self) -> None:
        self.pause = 0.0
        scanner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                content = b""
                if self.rfile.read(10) == b"zINSTREAM\0":
                    while size := int.from_bytes(self.rfile.read(4), "big"):
                        content += self.rfile.read(size)
                    time.sleep(scanner.pause)
                    self.wfile.write(b"FOUND" if b"EICAR" in content else b"stream: OK")

        super().__init__(_Tcp(("127.0.0.1", 0), Handler))


class SlowLine(Listening):
    """A line to a port on which every answer takes its time."""

    def __init__(self, port: int, pause: float) -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as far:
                    there = threading.Thread(target=_copy, args=(self.request, far), daemon=True)
                    there.start()
                    _copy(far, self.request, pause)

        super().__init__(_Tcp(("127.0.0.1", 0), Handler))


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64


def _copy(source: socket.socket, target: socket.socket, pause: float = 0.0) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            time.sleep(pause)
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


@contextmanager
def unreachable() -> Iterator[int]:
    """A port behind a cut cable: whoever connects to it waits."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
