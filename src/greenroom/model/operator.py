"""The operator: how a failure mode is seeded into code that works."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# What an operator is given is the business of `mutate`; the vocabulary only knows its shape.
Seeding = Callable[[Any], Iterable[Any]]


class Symptom(StrEnum):
    """By what a test could notice that the failure is there."""

    RESULT = "result"
    """A wrong answer, a wrong exception, a missing effect: an assertion can see it."""
    HANG = "hang"
    """Something never ends: a limit in the test can see it."""
    LATENCY = "latency"
    """Slower or serial; no assertion sees that without a sensor or a limit."""
    LEAK = "leak"
    """More and more of something; it takes a sensor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One way to put a production failure into working code."""

    key: str
    """As OPERATORS.md calls it: `T1`; never reused."""
    name: str
    """Kebab-case, names what is done: `drop-timeout`."""
    summary: str
    """One line: what is taken away or put in."""
    consequence: str
    """What users would have seen, in one sentence."""
    noticed_by: str
    """The assertion, fixture or sensor with which a test would have noticed, in one sentence."""
    weight: int
    """How bad it is in production, 1 to 5; ranks the escapes."""
    seed: Seeding
    """From a `mutate.source.Source` to the `mutate.rewrite.Rewrite`s that are possible in it."""
    first_rank: bool = False
    """High escape rate, few equivalents, evidence from incidents; the others are seeded after these."""
    symptom: Symptom = Symptom.RESULT
    optional: bool = False
    """Seeded only when it is asked for by its key."""
