"""Speaks as much of MySQL's protocol as a driver needs to be content: a program, given its port.

Any user may come in, every statement succeeds without rows, and every database is there but one: `nowhere`.
"""

import socketserver
import sys

_ABILITIES = 0x1 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x80000
"""Long passwords, a database when connecting, protocol 4.1, transactions, secure passwords, kinds of proof."""
_PROOF = b"mysql_native_password"
_CHOOSE, _ASK, _GO = 2, 3, 1
_DONE = b"\x00\x00\x00\x02\x00\x00\x00"
_NO_SUCH_DATABASE = b"\xff" + (1049).to_bytes(2, "little") + b"#42000Unknown database 'nowhere'"


class Connection(socketserver.StreamRequestHandler):
    """One driver's."""

    def handle(self) -> None:
        """Greet, let in, and answer until it goes."""
        self.send(
            0,
            b"\x0a8.0.0-answerer\x00" + (7).to_bytes(4, "little") + b"saltsalt\x00"
            + (_ABILITIES & 0xFFFF).to_bytes(2, "little") + b"\x2d\x02\x00" + (_ABILITIES >> 16).to_bytes(2, "little")
            + bytes([21]) + bytes(10) + b"saltsaltsalt\x00" + _PROOF + b"\x00",
        )  # fmt: skip
        self.receive()
        self.send(2, _DONE)
        while command := self.receive():
            if command[0] == _GO:
                return
            is_refused = command[0] in (_CHOOSE, _ASK) and command.endswith(b"nowhere")
            self.send(1, _NO_SUCH_DATABASE if is_refused else _DONE)

    def receive(self) -> bytes:
        """One packet; empty where the driver has gone."""
        header = self.rfile.read(4)
        return self.rfile.read(int.from_bytes(header[:3], "little")) if header else b""

    def send(self, number: int, content: bytes) -> None:
        """One packet."""
        self.wfile.write(len(content).to_bytes(3, "little") + bytes([number]) + content)


class Server(socketserver.ThreadingTCPServer):
    """A thread for each driver."""

    daemon_threads = True
    allow_reuse_address = True


if __name__ == "__main__":
    with Server(("127.0.0.1", int(sys.argv[1])), Connection) as server:
        server.serve_forever()
