"""What repeated runs of one suite say of its tests: which of them do not always end alike, and why."""

from dataclasses import dataclass
from enum import StrEnum

from greenroom.model.place import Place
from greenroom.model.rate import Rate


class Order(StrEnum):
    """In which company a test ran."""

    SAME = "same"
    """The suite as its runner orders it."""
    SHUFFLED = "shuffled"
    """Modules in another order, within them classes, within these tests."""
    ALONE = "alone"
    """In a process of its own."""


class Kind(StrEnum):
    """What is wrong with a test; also the name of the failure mode in the catalogue."""

    FLAKY = "flaky"
    ORDER_DEPENDENT = "order-dependent"
    SLOW = "slow"


class Cause(StrEnum):
    """Why a test may end differently; the words of the literature on flaky tests."""

    ORDER = "order"
    RANDOMNESS = "randomness"
    NETWORK = "network"
    ASYNC_WAIT = "async wait"
    TIME = "time"
    SHARED_STATE = "shared state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A cause, and what speaks for it."""

    cause: Cause
    evidence: str
    """One sentence."""
    measured: bool = False
    """It was put to the test: with the cause the test fails, without it passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run of the repetition."""

    order: Order
    seed: int
    exit_code: int
    tests: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a test ended in one kind of company."""

    order: Order
    failed: int
    of: int
    """How often it passed or failed; skips and expected failures say nothing here."""

    @property
    def rate(self) -> Rate:
        """The share of failures, with its interval."""
        return Rate(count=self.failed, of=self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flakiness:
    """A test that is worth a finding."""

    kind: Kind
    id: str
    place: Place
    message: str
    """One sentence."""
    ended: tuple[Ended, ...] = ()
    failures: tuple[str, ...] = ()
    """Types of the exceptions that it failed with."""
    hints: tuple[Hint, ...] = ()
    """What was measured comes first."""
    reproduce: str = ""
    """One line for a shell; empty: nothing was found that makes it fail."""
    seconds: float = 0.0
    """Of its fastest run: set-up, call and tear-down."""
    certain: bool = True
    """It was seen, and not concluded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """A suite that was run again and again."""

    id: str
    """Of its first run, which is a recorded run like any other."""
    started: float
    seconds: float
    command: tuple[str, ...]
    revision: str = ""
    modified: bool = False
    trials: tuple[Trial, ...] = ()
    extra: int = 0
    """Further runs of single tests, to find out what makes them fail."""
    tests: int = 0
    """How many passed or failed at least once."""
    findings: tuple[Flakiness, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rate(self) -> Rate:
        """The share of tests that do not always end alike."""
        return Rate(
            count=len({each.id for each in self.findings if each.kind is not Kind.SLOW}), of=self.tests
        )
