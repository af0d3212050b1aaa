"""What the campaign and a process of the project's interpreter say to one another: lines of JSON over a socket."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum
from socket import recv_fds, send_fds, socket
from typing import Any


class Ending(StrEnum):
    """How a job ended."""

    PASSED = "passed"
    FAILED = "failed"
    HUNG = "hung"
    """A test did not end within its limit."""
    DIED = "died"
    """The process was gone in the midst of a test."""
    BROKEN = "broken"
    """The changed module, or a test module that needs it, could not be imported."""
    COLD = "cold"
    """The change cannot be made in a living process; nothing was run."""
    SAME = "same"
    """The import with the change leaves behind what it leaves behind without; no test was run."""
    OTHER = "other"
    """It leaves something else, or what is never the same twice."""
    ERROR = "error"
    """Greenroom itself failed: says nothing of the tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Another text for one file of the project."""

    path: str
    """Relative to the root."""
    text: str
    in_children: bool = False
    """Whether processes that tests start have to see it, too."""
    is_control: bool = False
    """Go the same way with the same functions, and leave all as it is: no test may notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Tests to be run in a fresh process, one after the other, until one of them fails."""

    number: int
    tests: tuple[str, ...]
    """Their ids, in the order in which they were collected."""
    limits: tuple[float, ...]
    """For each, the seconds after which it counts as hung if it waits for nothing."""
    work: tuple[float, ...] = ()
    """For each, the seconds of processor time after which it counts as hung; empty: the same."""
    change: Change | None = None
    observe: bool = False
    """Do not stop at a failure, and tell of each test what it ran."""
    apart: bool = False
    """Credit what the set-up of shared fixtures runs to these; otherwise to the test that caused it."""
    patience: float = 30.0
    """Seconds until the first test must have begun."""
    seed: int = 0
    """Of random numbers; 0: the job's own number."""
    sensors: bool = False
    """Watch the event loop, and what each test leaves behind."""
    imprint: bool = False
    """Run no test: say whether the import of their files leaves the same behind with the change as without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a job."""

    number: int
    ending: Ending
    test: str = ""
    """The one that failed, hung or died."""
    error: str = ""
    """The type of its exception and the first line of its message; or why the process died."""
    where: str = ""
    """`path:line` where it noticed; empty where that cannot be told."""
    phase: str = ""
    """setup · call · teardown"""
    seconds: float = 0.0
    """Until the end, with the start of the process."""
    ran: int = 0
    """How many of the tests were begun."""
    sensed: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """By test, what sensors reported: `sensor`, `text`, `where`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a process of the project's interpreter is for."""

    root: str
    arguments: tuple[str, ...]
    """For pytest."""
    scratch: str
    """A folder of ours for what tests leave in temporary folders."""
    wanted: dict[str, list[int]]
    """Lines whose execution is observed, by path relative to the root."""
    warm: bool
    """Whether to collect the tests before the first job, or anew for each."""
    own_network: bool = False
    """Whether each job has a network of its own, in which there is nobody else."""
    slot: int | None = None
    """The worker's number, if there are several: tests that know pytest-xdist keep their databases apart by it."""


class Channel:
    """One end of the socket."""

    def __init__(self, own: socket) -> None:
        self.socket = own
        self._rest = b""
        self._descriptors: list[int] = []

    def send_with(self, kind: str, content: Any, other: socket) -> None:
        """One message, and a copy of a socket.

        Raises:
            OSError: nobody listens any more.
        """
        line = json.dumps([kind, content]).encode() + b"\n"
        sent = send_fds(self.socket, [line], [other.fileno()])
        self.socket.sendall(line[sent:])

    def received_socket(self) -> socket:
        """The one that came with the message."""
        own = socket(fileno=self._descriptors.pop(0))
        own.set_inheritable(False)
        return own

    def send(self, kind: str, content: Any) -> None:
        """One message.

        Raises:
            OSError: nobody listens any more.
        """
        self.socket.sendall(json.dumps([kind, content]).encode() + b"\n")

    def receive(self) -> tuple[str, Any] | None:
        """The next message; None when the other side is gone."""
        while True:
            line, separator, rest = self._rest.partition(b"\n")
            if separator:
                self._rest = rest
                kind, content = json.loads(line)
                return kind, content
            piece = self._read()
            if not piece:
                return None
            self._rest += piece

    def arrived(self) -> Iterator[tuple[str, Any] | None]:
        """What has arrived by one read; None at the end when the other side is gone."""
        piece = self._read()
        lines = (self._rest + piece).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            kind, content = json.loads(line)
            yield kind, content
        if not piece:
            yield None

    def _read(self) -> bytes:
        try:
            piece, descriptors, _, _ = recv_fds(self.socket, 1 << 20, 1)
        except (ConnectionError, InterruptedError):
            return b""
        self._descriptors += descriptors
        return piece


def pack(message: Job | Order | Change) -> dict[str, Any]:
    """As JSON has it; most of it is long, and nothing is copied."""
    told = {each.name: getattr(message, each.name) for each in fields(message)}
    return {name: pack(value) if isinstance(value, Change) else value for name, value in told.items()}


def unpack_job(content: dict[str, Any]) -> Job:
    """What `pack` made."""
    change = content.pop("change")
    tests, limits, work = (tuple(content.pop(name)) for name in ("tests", "limits", "work"))
    return Job(**content, tests=tests, limits=limits, work=work, change=Change(**change) if change else None)


def unpack_order(content: dict[str, Any]) -> Order:
    """What `pack` made."""
    return Order(**{**content, "arguments": tuple(content["arguments"])})


def unpack_answer(content: dict[str, Any]) -> Answer:
    """What `pack` made."""
    return Answer(**{**content, "ending": Ending(content["ending"])})
