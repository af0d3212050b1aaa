"""Holds a campaign to the truth: its controls are judged the way mutants are, and beside them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from greenroom.campaign.controls import EVERY, Probe, probes
from greenroom.campaign.judgement import Judgement
from greenroom.campaign.observation import Observation
from greenroom.campaign.panel import Panel
from greenroom.campaign.subject import Subject
from greenroom.campaign.time_limit import TimeLimit
from greenroom.model.proof import Control


class Checks:
    """Controls, and whether they held."""

    def __init__(self, texts: Mapping[str, str], observation: Observation) -> None:
        """Prepare.

        Args:
            texts: The files that are changed, by path.
            observation: The suite.
        """
        self._texts = texts
        self._run = observation.run()
        self._controls: list[Control] = []
        self._doubtful: list[tuple[Probe, Subject]] = []

    def among(
        self, subjects: Sequence[Subject], waiting: Collection[Subject] = ()
    ) -> Iterator[Subject | Probe]:
        """What is to be tried: in front of each group of mutants its controls, so that whoever stops early has some, too.

        Args:
            subjects: Mutants that tests see, in their order.
            waiting: Those that have no verdict yet.
        """
        for first in range(0, len(subjects), EVERY):
            group = subjects[first : first + EVERY]
            yield from probes(group, self._texts, self._run)
            yield from (subject for subject in group if subject in waiting)

    def take(self, probe: Probe, judgement: Judgement) -> None:
        """Note what became of a control; one that may have been swallowed by the code itself is tried once more, later."""
        control = probe.outcome(judgement)
        if control.held or probe.second is None:
            self._controls.append(control)
        else:
            self._doubtful.append((probe, probe.second))

    def settled(self, panel: Panel, limit: TimeLimit | None = None) -> list[Control]:
        """Whether they held; those for whose second try there is no time are none."""
        for probe, judgement in panel.judge_all(((probe, again) for probe, again in self._doubtful), limit):
            self._controls.append(probe.outcome(judgement))
        return self._controls


def check(
    subjects: Iterable[Subject], texts: Mapping[str, str], observation: Observation, panel: Panel
) -> list[Control]:
    """Controls for these mutants, and whether they held.

    Args:
        subjects: The mutants that were judged.
        texts: The files that they change, by path.
        observation: The suite.
        panel: Who judged them.
    """
    checks = Checks(texts, observation)
    seen = [subject for subject in subjects if subject.tests]
    cases = ((each, each.subject) for each in checks.among(seen) if isinstance(each, Probe))
    for probe, judgement in panel.judge_all(cases):
        checks.take(probe, judgement)
    return checks.settled(panel)
