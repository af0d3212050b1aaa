"""Holds a campaign to the truth: its controls are judged the way mutants are."""

from collections.abc import Iterable, Iterator, Mapping

from greenroom.campaign.controls import Probe, probes
from greenroom.campaign.observation import Observation
from greenroom.campaign.panel import Panel
from greenroom.campaign.subject import Subject
from greenroom.model.proof import Control


def check(
    subjects: Iterable[Subject], texts: Mapping[str, str], observation: Observation, panel: Panel
) -> Iterator[Control]:
    """Controls for these mutants, and whether they held.

    Args:
        subjects: The mutants that were judged.
        texts: The files that they change, by path.
        observation: The suite.
        panel: Who judged them.
    """
    waiting = probes(subjects, texts, observation.run())
    doubtful: list[Probe] = []
    for probe, judgement in panel.judge_all((probe, probe.subject) for probe in waiting):
        control = probe.outcome(judgement)
        if control.held or probe.second is None:
            yield control
        else:
            doubtful.append(probe)
    again = ((probe, probe.second or probe.subject) for probe in doubtful)
    for probe, judgement in panel.judge_all(again):
        yield probe.outcome(judgement)
