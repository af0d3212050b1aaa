"""Judges what no assertion can see, slow and leaking failures: would the tests notice it with our sensors on?

A report counts like a red test: the sensor is quiet without the failure, twice, and reports with it, twice, each time
in a fresh process. A sensor that already reports of a test without any failure has no say there.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count

from greenroom.campaign.crew import Crew, Task
from greenroom.campaign.judgement import Judgement, Steps
from greenroom.campaign.messages import Answer, Change, Ending, Job
from greenroom.campaign.observation import Observation, ObservedTest
from greenroom.campaign.schedule import Case, Schedule
from greenroom.campaign.subject import Subject
from greenroom.campaign.time_limit import TimeLimit
from greenroom.model.mutant import Verdict
from greenroom.model.proof import BLIND, Trial
from greenroom.project.code.reading import Progress

_VOTES = {
    "stalls": frozenset({"stalls", "blocking calls"}),
    "blocking calls": frozenset({"blocking calls"}),
    "leaks": frozenset({"leaks"}),
}
"""By the sensor that reports, those that have a say by it: a blocking call that takes long is told as a stall alone."""
_SENSORS = frozenset().union(*_VOTES.values())
_TIMES = 2
_TESTS = 30
"""So many of those that run a failure are watched."""
_CANDIDATES = 8
"""Tests in which something was reported, and that are looked at again."""
_LEAST, _FACTOR = 5.0, 20.0
"""Limit of a test under sensors: seconds, and times what it takes alone."""


def with_sensors(  # noqa: PLR0913, PLR0917  - what escaped, whom to ask, and how long
    trials: Iterable[Trial],
    subjects: Iterable[Subject],
    observation: Observation,
    crew: Crew,
    progress: Progress,
    limit: TimeLimit | None = None,
) -> tuple[list[Trial], int]:
    """Ask of those escapes that no assertion sees whether a sensor notices.

    Args:
        trials: In any order.
        subjects: The same, as the engine has them.
        observation: The suite.
        crew: The workers.
        progress: Told how far it is.
        limit: How long it may take.

    Returns:
        The trials, of which those that a sensor notices say so; and how many there was no time to watch.
    """
    listed = list(trials)
    escaped = {trial.mutant.key for trial in listed if _is_blind_escape(trial)}
    wanted = [subject for subject in subjects if subject.mutant.key in escaped]
    judge = SensorJudge(observation)
    cases = (Case(subject.mutant.key, judge.judge_subject(subject)) for subject in wanted)
    schedule = Schedule(cases, limit)
    watched: dict[str, Judgement] = {}
    for done, (key, judgement) in enumerate(schedule.judge_all(crew), start=1):
        progress("watching with sensors", done, len(wanted))
        watched[key] = judgement
    return [_with_report(trial, watched.get(trial.mutant.key)) for trial in listed], len(wanted) - len(
        watched
    )


def _with_report(trial: Trial, found: Judgement | None) -> Trial:
    if found is None or found.verdict is not Verdict.CAUGHT:
        return trial
    return replace(trial, sensed=_told(found), sensed_by=found.by)


def _is_blind_escape(trial: Trial) -> bool:
    return trial.verdict is Verdict.ESCAPED and trial.mutant.symptom in BLIND


def _told(judgement: Judgement) -> str:
    return f"{judgement.error}, {judgement.where}" if judgement.where else judgement.error


class SensorJudge:
    """Knows the suite, and which sensors report of which test without any failure."""

    def __init__(self, observation: Observation) -> None:
        self._observation = observation
        self._tests: Mapping[str, ObservedTest] = {test.id: test for test in observation.tests}
        self._numbers = count(10_000_000)
        self._loud: dict[tuple[str, bool], frozenset[str]] = {}

    def judge_subject(self, subject: Subject) -> Steps:
        """CAUGHT where a sensor notices, with the test in which it does; else ESCAPED."""
        cold = subject.cold or bool(self._observation.unsafe)
        names = [name for name in subject.tests if self._tests[name].alone][:_TESTS]
        seconds = 0.0
        if names:
            answer = yield self._task(subject.change, names, cold=cold)
            if answer.ending is Ending.COLD:
                cold = True
                answer = yield self._task(subject.change, names, cold=cold)
            seconds += answer.seconds
            for name in [name for name in names if _sensors(answer, name)][:_CANDIDATES]:
                confirmed = yield from self._confirm(subject.change, name, answer, cold=cold)
                if confirmed is not None:
                    report = next(each for each in answer.sensed[name] if confirmed in _VOTES[each["sensor"]])
                    return Judgement(
                        verdict=Verdict.CAUGHT, by=name, error=report["text"], where=report["where"], cold=cold, seconds=seconds
                    )  # fmt: skip
        return Judgement(verdict=Verdict.ESCAPED, cold=cold, seconds=seconds)

    def _confirm(
        self, change: Change, name: str, answer: Answer, *, cold: bool
    ) -> Generator[Task, Answer, str | None]:
        """A sensor that is quiet in this test without the change, and reports with it, each time."""
        loud = yield from self._loud_sensors(name, cold=cold)
        left = _sensors(answer, name) - loud
        for _ in range(_TIMES):
            if not left:
                return None
            again = yield self._task(change, [name], cold=cold)
            left &= _sensors(again, name)
        return min(left, default=None)

    def _loud_sensors(self, name: str, *, cold: bool) -> Generator[Task, Answer, frozenset[str]]:
        """Those that report of a test without any change; all where it does not pass under them."""
        known = self._loud.get((name, cold))
        if known is None:
            known = frozenset()
            for _ in range(_TIMES):
                answer = yield self._task(None, [name], cold=cold)
                known |= _sensors(answer, name)
                if answer.ending is not Ending.PASSED:
                    known |= _SENSORS
            self._loud[name, cold] = known
        return known

    def _task(self, change: Change | None, tests: Sequence[str], *, cold: bool) -> Task:
        job = Job(
            number=next(self._numbers),
            tests=tuple(tests),
            limits=tuple(_LEAST + _FACTOR * self._tests[name].seconds for name in tests),
            change=change,
            patience=30 + 10 * self._observation.collecting,
            sensors=True,
        )
        return Task(job=job, cold=cold)


def _sensors(answer: Answer, name: str) -> frozenset[str]:
    return frozenset().union(*(_VOTES[each["sensor"]] for each in answer.sensed.get(name, ())))
