"""How real green is, as figures that open into facts."""

from dataclasses import dataclass
from typing import Final

from greenroom.model.mode import Family

GOOD: Final = 6.0
"""From here a score is good: green means much, whatever the evidence is."""
FAIR: Final = 4.0
"""From here it is fair: green means something; below it, little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One count that a score is made of."""

    name: str
    achieved: int
    total: int
    weight: float
    explanation: str
    """What was counted, in one sentence."""
    measured: bool = False
    """Counted in a recorded run; else read from the code."""
    proven: bool = False
    """Counted by seeding failures into the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyScore:
    """One family of failure modes."""

    family: Family
    value: float | None
    """0 to 10; None: the project is not exposed to this family."""
    cap: float
    """The most that this strength of evidence can give."""
    facts: tuple[Fact, ...]
    touched: Fact | None = None
    """How much of what is exposed the recorded tests reached; None where none were recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A coverage bar: n of m, and which."""

    name: str
    achieved: int
    total: int
    covered: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    measured: bool = False
    """Counted in a recorded run; what that run says nothing of is as it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The verdict."""

    overall: float | None
    """0 to 10; None: nothing to judge."""
    cap: float
    verdict: str
    """One sentence a team lead could repeat."""
    families: tuple[FamilyScore, ...]
    bars: tuple[Bar, ...]
