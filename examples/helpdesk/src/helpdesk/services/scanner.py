"""The virus scanner: a daemon that takes a stream of bytes and answers with a line."""

import socket
import struct


class Scanner:
    """One connection to the daemon."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=3)

    def scan(self, content: bytes) -> bool:
        """Is the content clean?"""
        self._socket.sendall(b"zINSTREAM\0")
        self._socket.sendall(struct.pack("!L", len(content)) + content)
        self._socket.sendall(struct.pack("!L", 0))
        return b"OK" in self._socket.recv(1024)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
