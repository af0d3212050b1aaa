"""The failure mode: one entry of the catalogue, seen through up to four lenses."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from greenroom.model.finding import Confidence, Sighting
from greenroom.model.operator import Operator


class Family(StrEnum):
    """The families of the catalogue; the value is the prefix of their codes."""

    EVENT_LOOP = "EVL"
    DEPENDENCY = "DEP"
    STREAM = "STR"
    WEBSOCKET = "WSK"
    POOL = "POL"
    DATASTORE = "DAT"
    RESOURCE = "RES"
    INTERFACE = "INT"
    CONFIG = "CFG"
    STARTUP = "STA"
    ERRORS = "ERR"
    SECURITY = "SEC"
    LLM = "LLM"
    STATE = "STT"
    LOAD = "LOD"
    TESTS = "TST"

    @property
    def words(self) -> str:
        """The family's name in words: `event loop`."""
        return _WORDS[self]


_WORDS = {
    Family.EVENT_LOOP: "event loop",
    Family.DEPENDENCY: "dependencies",
    Family.STREAM: "streams",
    Family.WEBSOCKET: "sockets",
    Family.POOL: "pools",
    Family.DATASTORE: "data",
    Family.RESOURCE: "resources",
    Family.INTERFACE: "interfaces",
    Family.CONFIG: "configuration",
    Family.STARTUP: "start-up",
    Family.ERRORS: "errors",
    Family.SECURITY: "security",
    Family.LLM: "models",
    Family.STATE: "state",
    Family.LOAD: "load",
    Family.TESTS: "tests",
}


class Lens(StrEnum):
    """The four lenses, in rising strength of evidence."""

    EXPOSURE = "exposure"
    TOUCHED = "touched"
    NOTICED = "noticed"
    SURVIVED = "survived"


# What a detector is given is the business of `detect`; the vocabulary only knows its shape.
Detector = Callable[[Any], Iterable[Sighting]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureMode:
    """One way in which production fails, or in which a green test hides it."""

    code: str
    """Family prefix and three digits; never reused."""
    name: str
    """Kebab-case, names the pattern and never the remedy."""
    family: Family
    summary: str
    """One line, as a list of modes shows it."""
    consequence: str
    """What users and operators would see in production, in one sentence."""
    remedy: str
    """What to do, in one sentence."""
    source: str
    """Where the claim that production does this comes from."""
    detector: Detector | None = None
    """Reads the project; None for a mode which only a stronger lens can see."""
    operators: tuple[Operator, ...] = ()
    """How `prove` seeds it."""
    surest: Confidence = Confidence.DEFINITE
    """The most that reading the code can claim; lower where it takes an author's intention to be sure."""
    needs_deployment: bool = False
    """Whether it matters only where what is deployed is known to come: elsewhere it is possible."""
    recorded: bool = False
    """A recorded run shows it, too."""

    @property
    def lenses(self) -> frozenset[Lens]:
        """Those through which it can be seen today."""
        facets = {
            Lens.EXPOSURE: self.detector is not None,
            Lens.TOUCHED: self.recorded,
            Lens.NOTICED: bool(self.operators),
        }
        return frozenset(lens for lens, there in facets.items() if there)
