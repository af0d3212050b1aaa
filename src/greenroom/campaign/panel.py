"""Who judges: this machine, or a cluster."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from greenroom.campaign.crew import Crew
from greenroom.campaign.judgement import Judge, Judgement
from greenroom.campaign.schedule import Case, Schedule
from greenroom.campaign.subject import Subject

_Owner = TypeVar("_Owner")


class Panel(Protocol):
    """Judges many mutants, some of them at the same time."""

    def judge_all(
        self, cases: Iterable[tuple[_Owner, Subject]], until: float | None = None
    ) -> Iterator[tuple[_Owner, Judgement]]:
        """Each case and its judgement, as they are reached.

        Args:
            cases: Whose judgement it is, and the mutant.
            until: When `time.monotonic` is there, nothing more is begun.
        """


class LocalPanel:
    """This machine."""

    def __init__(self, judge: Judge, crew: Crew) -> None:
        self._judge = judge
        self._crew = crew

    def judge_all(
        self, cases: Iterable[tuple[_Owner, Subject]], until: float | None = None
    ) -> Iterator[tuple[_Owner, Judgement]]:
        """See `Panel`; where the time may not suffice, all are begun in the order in which they come: that is a random one."""
        waiting = (
            Case(owner, self._judge.judge_subject(subject), subject.cold and until is None)
            for owner, subject in cases
        )
        return Schedule(waiting, until).judge_all(self._crew)
