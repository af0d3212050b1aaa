"""How much each test noticed of the failures that it ran."""

from collections.abc import Iterable
from dataclasses import dataclass

from greenroom.model.mutant import Verdict
from greenroom.model.proof import Trial

ENOUGH = 3
"""Failures; of fewer, nothing is worth telling."""
_NOTICED = (Verdict.CAUGHT, Verdict.HUNG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alertness:
    """One test in one campaign."""

    test: str
    """Its id."""
    noticed: int = 0
    """Failures that it was the first to notice."""
    missed: int = 0
    """Failures that it ran, and stayed green."""
    unasked: int = 0
    """Failures that it would have run, had no test before it noticed."""

    @property
    def never_notices(self) -> bool:
        """Whether it stayed green on each failure that it could have noticed; nothing is left that it was not asked."""
        return bool(self.missed) and not self.noticed and not self.unasked


def alertness(trials: Iterable[Trial]) -> list[Alertness]:
    """Of each test that ran any failure; those that only an import runs are nobody's in particular."""
    counts: dict[str, list[int]] = {}
    for trial in trials:
        is_escape = trial.verdict is Verdict.ESCAPED and not trial.accepted
        if trial.at_import or not (is_escape or trial.verdict in _NOTICED):
            continue
        first = trial.tests.index(trial.by) if trial.by in trial.tests else len(trial.tests)
        for position, test in enumerate(trial.tests):
            what = 0 if position == first else 1 if position < first else 2
            counts.setdefault(test, [0, 0, 0])[what] += 1
    return [
        Alertness(test=test, noticed=noticed, missed=missed, unasked=unasked)
        for test, (noticed, missed, unasked) in counts.items()
    ]


def never_noticing(found: Iterable[Alertness]) -> list[Alertness]:
    """Tests that noticed none of several failures, those first that let most pass."""
    idle = [each for each in found if each.never_notices and each.missed >= ENOUGH]
    return sorted(idle, key=lambda each: (-each.missed, each.test))


def most_alert(found: Iterable[Alertness]) -> list[Alertness]:
    """Tests that were the first to notice several failures, the best first."""
    alert = [each for each in found if each.noticed >= ENOUGH]
    return sorted(alert, key=lambda each: (-each.noticed, each.test))
