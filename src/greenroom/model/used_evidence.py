"""The recorded run that an audit rests on, and what follows from it."""

from dataclasses import dataclass

from greenroom.model.score import Bar


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedEvidence:
    """A run, how far it goes, and what was counted in it."""

    run: str
    """Its id."""
    started: float
    """Seconds since the epoch."""
    command: tuple[str, ...]
    revision: str
    """The git commit; empty where there is none."""
    modified: bool
    """Whether the tree differed from it."""
    tests: int
    """How many tests of the audit the run contained."""
    usable: int
    """Of these, those whose own files are as they were."""
    changed: tuple[str, ...] = ()
    """Files whose content is not what it was in the run: nothing is said of them by it."""
    refuted: int = 0
    """How many findings the run shows not to be so; they are hidden, with the reason."""
    confirmed: int = 0
    """How many findings are surer by it."""
    coverage: tuple[Bar, ...] = ()
    """The figures of docs/coverage.md."""
    redundant: tuple[str, ...] | None = None
    """Tests that can go together without losing evidence; None where the run has no lines to tell by."""
