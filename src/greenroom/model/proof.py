"""What a campaign found: each seeded failure and what the tests made of it, and why that can be believed."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from greenroom.model.mode import Family
from greenroom.model.mutant import Mutant, Verdict
from greenroom.model.operator import Symptom
from greenroom.model.place import Place
from greenroom.model.rate import Rate

_DECIDED = frozenset({Verdict.CAUGHT, Verdict.HUNG, Verdict.ESCAPED})

BLIND = (Symptom.LATENCY, Symptom.LEAK)
"""What assertions do not see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A mutant, and what the tests made of it."""

    mutant: Mutant
    verdict: Verdict
    tests: tuple[str, ...] = ()
    """The ids of those that run its lines and vote, in their own order."""
    by: str = ""
    """The id of the test that noticed."""
    error: str = ""
    """How it noticed: the exception's type and message; or why there is no verdict."""
    where: str = ""
    """`path:line` in the test where it noticed; empty where that cannot be told."""
    cold: bool = False
    """Whether the project was imported anew for it."""
    at_import: bool = False
    """Whether its lines are run by the import of the project alone: `tests` are then all that vote."""
    seconds: float = 0.0
    """Spent on it, confirmations included."""
    diff: str = ""
    """The change as a unified diff; of escapes alone."""
    sensed: str = ""
    """What a sensor of ours reported of an escape: `a connection is left behind`; empty: nothing, or nobody watched."""
    sensed_by: str = ""
    """The id of the test in which it did."""
    accepted: str = ""
    """Why it may escape, as a comment in the code says."""


class Check(StrEnum):
    """How a campaign is held to the truth."""

    IDENTITY = "identity"
    """The same code once more: must survive."""
    CANARY = "canary"
    """An exception in a line that tests run: must be caught."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A mutant whose verdict is known beforehand."""

    check: Check
    place: Place
    verdict: Verdict
    held: bool
    """Whether the verdict is the right one."""
    error: str = ""
    """What happened instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteFacts:
    """The tests that were asked."""

    tests: int
    voting: int
    """Passed, run their own body, and are not timing-sensitive."""
    failed: tuple[str, ...] = ()
    """Ids of those that fail without any mutant."""
    timing: tuple[str, ...] = ()
    """Ids of those that fail on a busy machine; they do not vote."""
    left: tuple[str, ...] = ()
    """Ids of those whose coroutine nobody awaits, green whatever happens; they do not vote."""
    dependent: tuple[str, ...] = ()
    """Ids of those that pass only after others."""
    colliding: tuple[str, ...] = ()
    """Ids of those that disturb one another at the same time."""
    seconds: float = 0.0
    """All in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The outcome of a campaign."""

    project: str
    trials: tuple[Trial, ...]
    """In the order of files and lines."""
    controls: tuple[Control, ...]
    suite: SuiteFacts
    families: dict[str, Family]
    """Of failure modes, by their code."""
    noticed_by: dict[str, str]
    """What would have noticed, by operator."""
    consequences: dict[str, str]
    """What users would have seen, by operator."""
    root: str = "."
    """The project's folder, as it was named; for commands that a reader may paste."""
    sensors: bool = False
    """Whether slow and leaking failures that escape were tried with our sensors, too."""
    left_out: int = 0
    """Mutants for which the budget did not suffice, or which another shard tries."""
    resumed: int = 0
    """Verdicts taken over from a campaign on the same tree."""
    kept: int = 0
    """Verdicts taken over from an earlier state of the tree: nothing that they rest on has changed."""
    seconds: float = 0.0
    notices: tuple[str, ...] = ()

    def with_verdict(self, *verdicts: Verdict) -> tuple[Trial, ...]:
        """The trials that ended like this; those that a comment accepts are no escapes."""
        return tuple(trial for trial in self.trials if trial.verdict in verdicts and not trial.accepted)

    @property
    def rate(self) -> Rate:
        """The escape rate: of all failures on lines that tests run, those that nobody noticed."""
        return rate_of(self.trials)

    @property
    def rate_with_sensors(self) -> Rate:
        """The escape rate, had our sensors been on."""
        return rate_of(self.trials, with_sensors=True)

    @property
    def blind(self) -> tuple[Trial, ...]:
        """The trials of slow and leaking failures, which assertions do not see."""
        return tuple(trial for trial in self.trials if trial.mutant.symptom in BLIND)

    @property
    def failed_controls(self) -> tuple[Control, ...]:
        """Where the campaign itself was wrong."""
        return tuple(control for control in self.controls if not control.held)

    @property
    def doubt(self) -> str:
        """Why no rate may be told; empty where it may."""
        if self.left_out and all(trial.verdict is Verdict.UNSEEN for trial in self.trials):
            return (
                f"nothing was tried: {self.left_out:,} failures were left out, and no test runs the lines of the others "
                "(what the tests run is kept: the next call begins with the trials)"
            )
        return doubt_of(self.controls)

    @property
    def weighted(self) -> float:
        """The escape rate as a share of all that could have been caught, each failure counted by its weight."""
        return weighted_share(self.trials)

    def weighted_by_family(self) -> dict[Family, float]:
        """The same of each family."""
        return {family: weighted_share(trials) for family, trials in self._families().items()}

    def by_family(self) -> dict[Family, Rate]:
        """The escape rate of each family that was seeded."""
        return {family: rate_of(trials) for family, trials in self._families().items()}

    def _families(self) -> dict[Family, list[Trial]]:
        groups: dict[Family, list[Trial]] = {}
        for trial in self.trials:
            groups.setdefault(self.families[trial.mutant.code], []).append(trial)
        return {family: groups[family] for family in Family if family in groups}


def doubt_of(controls: tuple[Control, ...]) -> str:
    """Why a campaign with these controls is not believed; empty where it is."""
    failed = [control for control in controls if not control.held]
    if failed:
        wrong = failed[0]
        what = "a raised exception went unseen"
        if wrong.check is Check.IDENTITY:
            what = "unchanged code was called a failure"
        return f"{len(failed)} of {len(controls)} controls failed: {what} ({wrong.place.path}:{wrong.place.line})"
    if {control.check for control in controls} != set(Check):
        return "there was no code on which the campaign itself could be checked"
    return ""


def rate_of(trials: Iterable[Trial], *, with_sensors: bool = False) -> Rate:
    """Escaped of those that are decided: caught, hung or escaped; what a sensor of ours reported may count as noticed."""
    counted = [trial for trial in trials if not trial.accepted]
    verdicts = [trial.verdict for trial in counted]
    escaped = verdicts.count(Verdict.ESCAPED)
    sensed = sum(bool(trial.sensed) for trial in counted) if with_sensors else 0
    return Rate(
        count=escaped - sensed, of=escaped + verdicts.count(Verdict.CAUGHT) + verdicts.count(Verdict.HUNG)
    )


def weighted_share(trials: Iterable[Trial]) -> float:
    """Escaped of those that are decided, each counted by its weight; 0 of nothing."""
    decided = [trial for trial in trials if trial.verdict in _DECIDED and not trial.accepted]
    whole = sum(trial.mutant.weight for trial in decided)
    escaped = sum(trial.mutant.weight for trial in decided if trial.verdict is Verdict.ESCAPED)
    return escaped / whole if whole else 0.0
