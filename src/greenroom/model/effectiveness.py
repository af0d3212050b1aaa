"""What one test is worth against one incident: red while the defect is there, green without."""

from dataclasses import dataclass
from enum import StrEnum

from greenroom.model.mutant import Mutant, Verdict
from greenroom.model.proof import Control, Trial, doubt_of

NOTICED = (Verdict.CAUGHT, Verdict.HUNG)
"""A hang is told apart, and is what some failures look like."""


class Effect(StrEnum):
    """The answer."""

    NOTICES = "notices"
    """Red with every failure of the incident on lines that it runs, and green without."""
    PARTLY = "partly"
    MISSES = "misses"
    """Green with all of them."""
    ELSEWHERE = "elsewhere"
    """It runs no line on which the incident could be seeded."""
    NEVER_RAN = "never-ran"
    """Skipped, deselected, not collected, red already: its colour says nothing."""
    UNDECIDED = "undecided"
    """Of what was seeded on its lines, nothing came to a verdict, or the controls do not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTest:
    """A test that was meant, or one of its variants."""

    id: str
    """As pytest has it."""
    idle: str = ""
    """Why its colour says nothing; empty: it passes, and runs its own body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effectiveness:
    """One test, the failures of some incidents, and what it made of each."""

    test: str
    """As it was asked for."""
    incidents: tuple[str, ...]
    """In words: `DEP001 missing-timeout`, `T1 drop-timeout`."""
    tests: tuple[AskedTest, ...] = ()
    """Those of this name; empty where pytest has none."""
    never_ran: str = ""
    """Why there is nothing to ask; empty where at least one of them votes."""
    trials: tuple[Trial, ...] = ()
    """Of failures on lines that it runs; each with its diff."""
    elsewhere: tuple[Mutant, ...] = ()
    """Failures of the incident on lines that it does not run."""
    controls: tuple[Control, ...] = ()
    consequences: dict[str, str]
    """What users would have seen, by operator."""
    noticed_by: dict[str, str]
    """What would have noticed, by operator."""
    seconds: float = 0.0

    @property
    def noticed(self) -> tuple[Trial, ...]:
        """Those that it noticed."""
        return tuple(trial for trial in self.trials if trial.verdict in NOTICED)

    @property
    def decided(self) -> tuple[Trial, ...]:
        """Those that came to a verdict."""
        return tuple(trial for trial in self.trials if trial.verdict in (*NOTICED, Verdict.ESCAPED))

    @property
    def doubt(self) -> str:
        """Why no verdict may be told; empty where it may."""
        return doubt_of(self.controls) if self.trials and not self.never_ran else ""

    @property
    def effect(self) -> Effect:
        """The answer."""
        if self.never_ran:
            return Effect.NEVER_RAN
        if not self.trials:
            return Effect.ELSEWHERE
        if self.doubt or not self.decided:
            return Effect.UNDECIDED
        if not self.noticed:
            return Effect.MISSES
        unsure = any(trial.verdict is Verdict.UNCONFIRMED for trial in self.trials)
        is_all = len(self.noticed) == len(self.decided) and not unsure
        return Effect.NOTICES if is_all else Effect.PARTLY
