"""A process of the project's interpreter, as the campaign sees it."""

import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM, socketpair
from typing import Any

from greenroom.campaign.inside.children import FOLDER
from greenroom.campaign.messages import Channel, Job, Order, pack

_LAST_WORDS = 2000
"""Characters of its output that are worth showing."""
_PATIENCE = 10.0
"""Seconds that it gets to leave in order."""


class WorkerGoneError(Exception):
    """The process ended by itself; the message is what it said last."""


class Worker:
    """One process; it does jobs in the order in which it is given them."""

    def __init__(self, python: str, order: Order) -> None:
        """Start it.

        Raises:
            WorkerGoneError: there is no such interpreter.
        """
        ours, theirs = socketpair(AF_UNIX, SOCK_STREAM)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  - closed in `end`
        command = [python, "-m", "greenroom.campaign.inside", str(theirs.fileno())]
        try:
            self._process = subprocess.Popen(  # noqa: S603  - the project's interpreter, which runs its tests
                command, cwd=order.root, env=_environment(), pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            ours.close()
            self._log.close()
            message = f"{python} could not be started: {error.strerror}"
            raise WorkerGoneError(message) from error
        finally:
            theirs.close()
        self.channel = Channel(ours)
        self.tell("order", pack(order))

    def tell(self, kind: str, content: Any) -> None:
        """Say something; whether anybody hears it, the next answer shows."""
        with suppress(OSError):
            self.channel.send(kind, content)

    def give(self, job: Job) -> None:
        """A job more."""
        self.tell("job", pack(job))

    def hear(self) -> tuple[str, Any]:
        """Wait for its next message.

        Raises:
            WorkerGoneError: there will be none.
        """
        message = self.channel.receive()
        if message is None:
            raise WorkerGoneError(self.last_words())
        return message

    def last_words(self) -> str:
        """The end of what it printed."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _LAST_WORDS))
        return self._log.read().decode("utf-8", "replace").strip()

    def end(self) -> None:
        """Have it leave, and see to it that nothing of it stays."""
        self.channel.socket.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()


def _environment() -> dict[str, str]:
    """Ours, with the folder that lends Greenroom to an interpreter which does not have it."""
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([FOLDER, *paths])}


def new_scratch() -> Path:
    """A folder for what tests leave behind; short, since sockets have short names.

    Who knows the name of something in it may pass through, as through `/tmp`: a server that a test starts as another user.
    """
    folder = Path(tempfile.mkdtemp(prefix="greenroom-"))
    folder.chmod(0o711)
    return folder
