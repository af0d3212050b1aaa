"""What listens at a port of its own, and is started and stopped by tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self


class Runs:
    """Started inside a `with`, ended outside."""

    def __init__(self, port: int) -> None:
        self.port = port

    @property
    def url(self) -> str:
        """The address over HTTP."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        raise NotImplementedError

    def stop(self) -> None:
        """End it, and wait until it has."""
        raise NotImplementedError

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Started inside, ended outside, whatever happens."""
        try:
            self.start()
            yield self
        finally:
            self.stop()
