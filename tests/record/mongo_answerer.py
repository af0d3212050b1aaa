"""Speaks as much of MongoDB's protocol as a driver needs to be content: a program, given its port."""

import socketserver
import struct
import sys
from typing import Any

import bson

_OLD_QUESTION, _OLD_ANSWER, _MESSAGE = 2004, 1, 2013
_NOT_AWAITED = 2
"""The flag of a message to which nobody waits for an answer."""


class Connection(socketserver.StreamRequestHandler):
    """One driver's."""

    def handle(self) -> None:
        """Answer until it goes."""
        while header := self.rfile.read(16):
            size, number, _, kind = struct.unpack("<iiii", header)
            body = self.rfile.read(size - 16)
            if kind == _OLD_QUESTION:
                answer = struct.pack("<iqii", 0, 0, 0, 1) + bson.encode(greeting())
                self.send(answer, number, _OLD_ANSWER)
                continue
            (flags,) = struct.unpack_from("<I", body)
            (length,) = struct.unpack_from("<i", body, 5)
            command = bson.decode(body[5 : 5 + length])
            if not flags & _NOT_AWAITED:
                self.send(struct.pack("<IB", 0, 0) + bson.encode(answer_to(command)), number, _MESSAGE)

    def send(self, answer: bytes, number: int, kind: int) -> None:
        """One message."""
        self.wfile.write(struct.pack("<iiii", 16 + len(answer), 0, number, kind) + answer)


def answer_to(command: dict[str, Any]) -> dict[str, Any]:
    """What a server without documents says."""
    name = next(iter(command))
    if name in {"hello", "ismaster", "isMaster"}:
        return greeting()
    if name == "find":
        return {"cursor": {"id": 0, "ns": f"{command['$db']}.{command['find']}", "firstBatch": []}, "ok": 1.0}
    return {"n": 1, "ok": 1.0}


def greeting() -> dict[str, Any]:
    """A server that stands alone."""
    return {
        "ismaster": True, "isWritablePrimary": True, "helloOk": True, "minWireVersion": 0, "maxWireVersion": 21,
        "maxBsonObjectSize": 2**24, "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000, "ok": 1.0,
    }  # fmt: skip


class Server(socketserver.ThreadingTCPServer):
    """A thread for each driver."""

    daemon_threads = True
    allow_reuse_address = True


if __name__ == "__main__":
    with Server(("127.0.0.1", int(sys.argv[1])), Connection) as server:
        server.serve_forever()
