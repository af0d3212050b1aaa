"""What is known of one test over all runs that were ever recorded."""

from dataclasses import dataclass

from greenroom.model.evidence import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRecord:
    """How a test ended over time; also counts the runs whose evidence is no longer kept."""

    __test__ = False

    id: str
    """pytest's node id, with parameters."""
    outcomes: dict[Outcome, int]
    """How often it ended so; every repetition counts."""
    seconds: float
    """Of all of them together: set-up, call and tear-down."""
    first: float
    """When it was first and last seen; seconds since the epoch."""
    last: float
    flaked: int = 0
    """On how many states of the code it both passed and failed.

    A state is a commit with an unchanged tree under one version of Python; of a changed tree, each run is a
    state of its own. Two runs of one state count while the evidence of both is kept.
    """
