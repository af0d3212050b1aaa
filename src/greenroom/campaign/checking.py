"""Holds a campaign to the truth: its controls are judged the way mutants are."""

from collections.abc import Iterable, Iterator, Mapping

from greenroom.campaign.controls import Probe, probes
from greenroom.campaign.crew import Crew
from greenroom.campaign.judgement import Judge
from greenroom.campaign.observation import Observation
from greenroom.campaign.schedule import Schedule
from greenroom.campaign.subject import Subject
from greenroom.model.proof import Control


def check(
    subjects: Iterable[Subject], texts: Mapping[str, str], observation: Observation, judge: Judge, crew: Crew
) -> Iterator[Control]:
    """Controls for these mutants, and whether they held.

    Args:
        subjects: The mutants that were judged.
        texts: The files that they change, by path.
        observation: The suite.
        judge: The one that judged them.
        crew: The workers.
    """
    waiting = probes(subjects, texts, observation.run())
    doubtful: list[Probe] = []
    first = Schedule((probe, judge.judge_subject(probe.subject)) for probe in waiting)
    for probe, judgement in first.judge_all(crew):
        control = probe.outcome(judgement)
        if control.held or probe.second is None:
            yield control
        else:
            doubtful.append(probe)
    again = Schedule((probe, judge.judge_subject(probe.second or probe.subject)) for probe in doubtful)
    for probe, judgement in again.judge_all(crew):
        yield probe.outcome(judgement)
