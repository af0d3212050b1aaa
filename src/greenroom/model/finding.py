"""What a detector sees, and what a reader of the report gets."""

from dataclasses import dataclass
from enum import StrEnum

from greenroom.model.place import Place


class Severity(StrEnum):
    """How much harm in production, were the finding true."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Confidence(StrEnum):
    """How sure we are that a careful reader of the code would agree."""

    DEFINITE = "definite"
    PROBABLE = "probable"
    POSSIBLE = "possible"


class Reach(StrEnum):
    """The strongest production entry point from which the place is reached."""

    ROUTE = "route"
    SOCKET = "socket"
    LIFESPAN = "lifespan"
    TASK = "task"
    WORKER = "worker"
    SCRIPT = "script"
    TEST = "test"
    """In the tests themselves."""
    PROJECT = "project"
    """Of the project as a whole: a configuration, an import."""
    UNREACHED = "unreached"
    """No entry point that we know of leads here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One thing that a detector saw; the engine turns sightings into findings."""

    place: Place
    message: str
    """One sentence that names the things of this very place."""
    severity: Severity
    confidence: Confidence
    end_line: int = 0
    """Last line of the statement; 0 where only `place.line` is known."""
    consequence: str = ""
    """What would happen in production; empty: the failure mode's own sentence."""
    remedy: str = ""
    """What to do; empty: the failure mode's own sentence."""
    chain: tuple[Place, ...] = ()
    """From the entry to the leaf, both included; empty where the place says it all."""
    sites: tuple[Place, ...] = ()
    """Further places of the same cause."""
    subject: str = ""
    """What it is about, such as `requests.get`; part of the finding's identity."""
    cause: str = ""
    """Sightings of one code with the same non-empty cause become one finding."""
    reach: Reach | None = None
    """Set where the detector knows better than the call graph."""
    stops: bool = False
    """Whether nothing behind it in its block, or in its file where it stands outside of functions, is ever run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One cause that can fail in production, or one test whose green proves nothing."""

    code: str
    name: str
    place: Place
    end_line: int
    message: str
    consequence: str
    remedy: str
    severity: Severity
    confidence: Confidence
    reach: Reach
    shown: bool
    """Whether the default selection shows it."""
    key: str
    """Identity without line numbers: the same after unrelated edits."""
    sites: tuple[Place, ...] = ()
    chain: tuple[Place, ...] = ()
    hidden_because: str = ""
    """Why it is not shown: confidence, suppression with its reason, baseline, selection."""
    stops: bool = False
    """As of the sighting that it is told by."""
    escapes: tuple[str, ...] = ()
    """Failures that were seeded on its very lines, and that no test noticed: `T1 drop-timeout`."""
