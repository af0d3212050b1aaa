"""How a test ended."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a test ended, as pytest reports it."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    """In set-up or tear-down."""
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    UNFINISHED = "unfinished"
    """Begun and never ended: the process died, or was killed."""


def says_something(outcome: Outcome) -> bool:
    """Whether a test that ended so came as far as its body, or was skipped by its own words."""
    return outcome not in (Outcome.ERROR, Outcome.UNFINISHED)
