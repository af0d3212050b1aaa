"""Who judges: this machine, or a cluster."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from greenroom.campaign.crew import Crew
from greenroom.campaign.judgement import Judge, Judgement
from greenroom.campaign.schedule import Case, Schedule
from greenroom.campaign.subject import Subject
from greenroom.campaign.time_limit import TimeLimit

_Owner = TypeVar("_Owner")


class Panel(Protocol):
    """Judges many mutants, some of them at the same time."""

    def judge_all(
        self, cases: Iterable[tuple[_Owner, Subject]], limit: TimeLimit | None = None
    ) -> Iterator[tuple[_Owner, Judgement]]:
        """Each case and its judgement, as they are reached.

        Args:
            cases: Whose judgement it is, and the mutant.
            limit: When nothing more is begun, and what is under way is given up.
        """

    def notices(self) -> list[str]:
        """What the reader should know of how it went."""


class LocalPanel:
    """This machine."""

    def __init__(self, judge: Judge, crew: Crew) -> None:
        self._judge = judge
        self._crew = crew
        self._given_up = 0

    def judge_all(
        self, cases: Iterable[tuple[_Owner, Subject]], limit: TimeLimit | None = None
    ) -> Iterator[tuple[_Owner, Judgement]]:
        """See `Panel`; where the time may not suffice, all are begun in the order in which they come: that is a random one."""
        waiting = (
            Case(owner, self._judge.judge_subject(subject), subject.cold and limit is None)
            for owner, subject in cases
        )
        schedule = Schedule(waiting, limit)
        yield from schedule.judge_all(self._crew)
        self._given_up += schedule.given_up

    def notices(self) -> list[str]:
        """See `Panel`."""
        many = self._given_up
        return [f"{many} of those left out were under way when the time was up"] if many else []
