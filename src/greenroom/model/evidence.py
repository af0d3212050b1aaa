"""What was observed while the tests ran: evidence, which outranks what was read.

Everything here is plain data that JSON can hold: it is written by the process that runs the tests,
line by line, and read by another. Values of variables, headers, queries and bodies are never part of it.
"""

from dataclasses import dataclass, field

from greenroom.model.interface import Interface
from greenroom.model.outcome import Outcome
from greenroom.model.place import Place
from greenroom.model.stall import BlockingCall, Stall

__all__ = [
    "BlockingCall",
    "Crossing",
    "Exchange",
    "Handled",
    "Leak",
    "Left",
    "LinesRun",
    "Outcome",
    "Replacement",
    "Run",
    "Skip",
    "Stall",
    "TestEvidence",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """An integration point that a test reached, for real or through a double."""

    library: str
    """The client library: `redis`, `httpx`, `sqlalchemy`, `socket` where no other is known."""
    kind: str
    """As in `project/libraries/effects/README.md`: `cache`, `database`, `http`, `llm`, `process`, `file` …"""
    peer: str
    """`127.0.0.1:6379/0`, `https://api.example.org`, a path; empty where nothing was addressed."""
    real: bool
    """Bytes went to something outside the test's own Python code."""
    double: str = ""
    """What stood in: `unittest.mock`, `fakeredis`, `respx`, `httpx.MockTransport` …; empty where `real`."""
    failure: str = ""
    """The type of the exception that the crossing ended with; empty: none."""
    times: int = 1
    place: Place | None = None
    """The innermost line of the project on the way there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A route of the application that a test reached, and what came back."""

    method: str
    """`GET`, …; `WEBSOCKET` for a socket."""
    route: str
    """The route's path with its parameters as the framework spells them; empty where none matched."""
    interface: Interface
    """REAL over a socket; IN_PROCESS over an ASGI or WSGI client; DIRECT where only the handler was called."""
    status: int
    """The HTTP status, or the close code of a socket; 0 where none was sent."""
    times: int = 1
    failure: str = ""
    """The type of the exception that left the application; empty: none."""
    place: Place | None = None
    """The handler in the project's own code, tests aside; None where none was seen to be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Something that a test or a fixture put in the place of something else."""

    target: str
    """Dotted name of what was replaced: `app.mail.send`."""
    by: str
    """The fixture or test function that did it."""
    tool: str
    """`unittest.mock`, `monkeypatch` …"""
    double: str
    """The type of what stands there instead: `MagicMock`, `function` …"""
    missing: tuple[str, ...] = ()
    """Names used on the double which the real thing does not have."""
    unlike: tuple[str, ...] = ()
    """Calls which the real thing's signature would refuse, as the error says it."""
    role: str = ""
    """`subject`: production code of the project; `setting`: a plain value of it; `boundary`: what it rests on, a library
    or the standard one; `suite`: something of the tests' own. Empty: not known."""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Why a test did not run, or was expected to fail."""

    reason: str
    """As given; secrets masked."""
    infrastructure: bool
    """A missing service, credential, optional import or failed start-up was turned into this skip."""
    failure: str = ""
    """The type of the exception that was being handled when the skip was raised."""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """An `except` branch of the project that ran."""

    place: Place
    exception: str
    """The type that was caught."""
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Something that was there after the test and not before."""

    kind: str
    """`task`, `thread`, `descriptor`, `connection`, `process`, `file`."""
    name: str
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something that was otherwise after the test than before, and that later tests can meet: a hint, no fault by itself."""

    kind: str
    """`container`, `attribute` or `cache` of a module or class of the project; `variable` of the environment; `file`;
    `folder`: the working directory."""
    name: str
    """`shop.cart.ITEMS`, `MODE`, `out/report.csv`."""
    met_by: tuple[str, ...] = ()
    """Ids of the tests that are known to have met it, in their order: they read the variable or the file, were answered
    from the cache, or changed it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesRun:
    """The lines of one file of the project that a test ran."""

    path: str
    lines: str
    """Ranges: `3-7,12`."""
    branches: str = ""
    """From one line to the next: `5>6,9>12`; a negative line leaves the function. Empty: not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestEvidence:
    """All that was observed of one test in one run."""

    __test__ = False

    id: str
    """pytest's node id, with parameters."""
    outcome: Outcome
    repeat: int = 0
    """Which of the repeated runs, from 0."""
    setup: float = 0.0
    """Seconds; so are `call` and `teardown`."""
    call: float = 0.0
    teardown: float = 0.0
    started: float = 0.0
    """Seconds since the epoch."""
    worker: str = ""
    """xdist's name of the worker; empty: the only process."""
    failure: str = ""
    """The type of the exception that the test failed with."""
    assertions: int = 0
    """How many assertions were executed: `assert` statements, `raises`, asserting methods, mocks' checks."""
    assertions_unreached: tuple[Place, ...] = ()
    """Assertions in the test's own body, inner functions included, that were not executed though the test passed;
    the note of each says what decided it: `in a loop`, `in a branch`, `in an except branch`, `in an inner function`."""
    never_awaited: tuple[str, ...] = ()
    """Names of coroutines that were made and never awaited."""
    skip: Skip | None = None
    crossings: tuple[Crossing, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    handled: tuple[Handled, ...] = ()
    stalls: tuple[Stall, ...] = ()
    blocking: tuple[BlockingCall, ...] = ()
    """Where an event loop runs, and too short to be stalls."""
    leaks: tuple[Leak, ...] = ()
    left: tuple[Left, ...] = ()
    met: tuple[str, ...] = ()
    """Caches of the project that answered from what was in them before the test."""
    lines: tuple[LinesRun, ...] = ()
    """By file; empty where nobody measured it."""
    variables: tuple[str, ...] = ()
    """Names of environment variables that the project read; never their values."""
    memory: int = 0
    """Growth of the process's resident memory, bytes."""
    notes: tuple[str, ...] = ()
    """Sensors that failed in this test, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a test suite under the recorder."""

    id: str
    """Sorts by time: `20261121T110412Z-4f2a91`."""
    started: float
    """Seconds since the epoch."""
    seconds: float
    """How long it took; 0 while it is not finished."""
    command: tuple[str, ...]
    """As it was started, secrets masked."""
    exit_code: int | None
    """None: it was killed, or still runs."""
    revision: str = ""
    """The git commit of the tree; empty where there is none."""
    modified: bool = False
    """Whether the tree differed from that commit."""
    contents: dict[str, str] = field(default_factory=dict)
    """Path → digest of each Python file when the run began, as `project.files.contents` takes them."""
    python: str = ""
    greenroom: str = ""
    sensors: tuple[str, ...] = ()
    """The names of the sensors that were on."""
    notes: tuple[str, ...] = ()
    """What the recorder could not do, and why."""
