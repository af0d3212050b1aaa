"""A process of the project's interpreter, as the campaign sees it."""

import os
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM, socketpair
from typing import IO, Any, Protocol

from greenroom.campaign.grandchild import Grandchild
from greenroom.campaign.inside.children import FOLDER
from greenroom.campaign.messages import Channel, Job, Order, pack
from greenroom.campaign.time_limit import OutOfTimeError

_LAST_WORDS = 2000
"""Characters of its output that are worth showing."""
_PATIENCE = 10.0
"""Seconds that it gets to leave in order."""


class WorkerGoneError(Exception):
    """The process ended by itself; the message is what it said last."""


class _Process(Protocol):
    """What it takes to see a process off."""

    @property
    def pid(self) -> int: ...

    def wait(self, timeout: float | None = None) -> int | None: ...

    def kill(self) -> None: ...


class Worker:
    """One process; it does jobs in the order in which it is given them."""

    def __init__(self, channel: Channel, process: _Process, log: IO[bytes]) -> None:
        """Take it over.

        Args:
            channel: Our end.
            process: The leader of its group.
            log: What it prints; closed in the end.
        """
        self.channel = channel
        self._process = process
        self._log = log

    def twin(self, order: Order) -> "Worker":
        """A process that has collected, too, forked from this one as soon as it has nothing else to do; they share their memory.

        Who ends them ends the twin first: its parent waits for it.

        Raises:
            WorkerGoneError: this one is gone.
        """
        ours, theirs = socketpair(AF_UNIX, SOCK_STREAM)
        channel = Channel(ours)
        try:
            self.channel.send_with("twin", pack(order), theirs)
        except OSError as error:
            ours.close()
            raise WorkerGoneError(self.last_words()) from error
        finally:
            theirs.close()
        message = channel.receive()
        if message is None:
            ours.close()
            raise WorkerGoneError(self.last_words())
        return Worker(channel, Grandchild(message[1]), os.fdopen(os.dup(self._log.fileno()), "rb"))

    def tell(self, kind: str, content: Any) -> None:
        """Say something; whether anybody hears it, the next answer shows."""
        with suppress(OSError):
            self.channel.send(kind, content)

    def give(self, job: Job) -> None:
        """A job more."""
        self.tell("job", pack(job))

    def hear(self, until: float | None = None) -> tuple[str, Any]:
        """Wait for its next message, at most until `time.monotonic` is there.

        Raises:
            WorkerGoneError: there will be none.
            OutOfTimeError: there was none.
        """
        try:
            self.channel.socket.settimeout(None if until is None else max(0.01, until - time.monotonic()))
            message = self.channel.receive()
        except TimeoutError as error:
            raise OutOfTimeError from error
        finally:
            self.channel.socket.settimeout(None)
        if message is None:
            raise WorkerGoneError(self.last_words())
        return message

    def last_words(self) -> str:
        """The end of what it printed."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _LAST_WORDS))
        return self._log.read().decode("utf-8", "replace").strip()

    def retire(self) -> None:
        """Have it leave, and what its children have written where it is: another takes its place."""
        self.tell("retire", None)
        self.end()

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


def start_worker(python: str, order: Order) -> Worker:
    """A process of the project's interpreter.

    Raises:
        WorkerGoneError: there is no such interpreter.
    """
    ours, theirs = socketpair(AF_UNIX, SOCK_STREAM)
    log = tempfile.TemporaryFile()  # noqa: SIM115  - closed in `end`
    command = [python, "-m", "greenroom.campaign.inside", str(theirs.fileno())]
    try:
        process = subprocess.Popen(  # noqa: S603  - the project's interpreter, which runs its tests
            command, cwd=order.root, env=_environment(), pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        ours.close()
        log.close()
        message = f"{python} could not be started: {error.strerror}"
        raise WorkerGoneError(message) from error
    finally:
        theirs.close()
    worker = Worker(Channel(ours), process, log)
    worker.tell("order", pack(order))
    return worker


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
