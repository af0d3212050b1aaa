"""A recorded run at a glance."""

from dataclasses import dataclass

from greenroom.model.evidence import Outcome, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run, and how its tests ended."""

    run: Run
    outcomes: dict[Outcome, int]
    """Tests by outcome, in the order of `Outcome`, without those that did not occur."""
