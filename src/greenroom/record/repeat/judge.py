"""Says of one test, from all runs that it took part in, whether it always ends alike."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log
from pathlib import Path

from greenroom.model.evidence import TestEvidence
from greenroom.model.flakiness import Cause, Ended, Flakiness, Hint, Kind, Order
from greenroom.record.repeat.culprits import find_culprit
from greenroom.record.repeat.hints import find_hints
from greenroom.record.repeat.test_source import read_source
from greenroom.record.repeat.trials import RED, Done, Trials

SLOW = 1.0
"""Seconds; in the fastest of several runs, so that a busy machine makes no test slow."""
_TIMES = 3
"""How often a test alone must end alike."""
_CHANCE = 4
"""How often each of two seeds must show the same: a test that fails every second time does so once in 256."""
_SURE = 0.95
"""How likely the repetitions of a test that nothing was found to decide show its failure once."""
_FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A test in all runs."""

    id: str
    same: tuple[Done, ...]
    shuffled: tuple[Done, ...]
    alone: tuple[Done, ...]

    def ended(self) -> tuple[Ended, ...]:
        """How often it failed, by company."""
        found = []
        for order, dones in (
            (Order.SAME, self.same),
            (Order.SHUFFLED, self.shuffled),
            (Order.ALONE, self.alone),
        ):
            said = [red for done in dones if (red := done.is_red(self.id)) is not None]
            if said:
                found.append(Ended(order=order, failed=sum(said), of=len(said)))
        return tuple(found)

    def attempts(self) -> tuple[TestEvidence, ...]:
        """All that was recorded of it."""
        return tuple(each for done in (*self.same, *self.shuffled) for each in done.by_id.get(self.id, ()))

    def differs_within(self, dones: Sequence[Done]) -> bool:
        """Whether it both passed and failed in these runs, or in the attempts of one."""
        return len({each.outcome in RED for done in dones for each in done.by_id.get(self.id, ())
                    if done.is_red(self.id) is not None and each.outcome in (*RED, "passed")}) > 1  # fmt: skip


class Judge:
    """Judges tests; what is suspected is put to the test, as long as runs are left for it."""

    def __init__(self, trials: Trials, root: Path, command: Sequence[str], budget: int) -> None:
        self._trials = trials
        self._root = root
        self._command = command
        self._budget = budget

    def of(self, seen: Seen) -> Flakiness | None:
        """A finding, or None where it always ended alike."""
        if seen.differs_within(seen.same):
            return self._flaky(seen)
        outcomes = {red for done in (*seen.same, *seen.shuffled, *seen.alone)
                    if (red := done.is_red(seen.id)) is not None}  # fmt: skip
        return self._by_order(seen) if len(outcomes) > 1 else None

    def slow(self, seen: Seen) -> Flakiness | None:
        """A finding where each of its runs took long."""
        attempts = seen.attempts()
        if len(attempts) < _FEWEST:
            return None
        fastest = min(attempts, key=_seconds)
        if _seconds(fastest) < SLOW:
            return None
        phase = max(("setup", "call", "teardown"), key=lambda name: getattr(fastest, name))
        text = (f"`{_name(seen.id)}` took {_seconds(fastest):.1f} s in the fastest of {len(attempts)} runs, "
                f"{getattr(fastest, phase):.1f} s of it in its {_PHASES[phase]}")  # fmt: skip
        source = read_source(self._root, seen.id)
        return Flakiness(
            kind=Kind.SLOW, id=seen.id, place=source.place, message=text, seconds=_seconds(fastest)
        )

    def _flaky(self, seen: Seen) -> Flakiness:
        red = next(done for done in seen.same if done.is_red(seen.id))
        measured, reproduce = self._by_chance(seen, red)
        return self._finding(Kind.FLAKY, seen, measured, reproduce or self._again(seen))

    def _by_chance(self, seen: Seen, red: Done) -> tuple[list[Hint], str]:
        """Does the seed alone decide?"""
        green = next((done for done in seen.same if done.is_red(seen.id) is False), None)
        if green is None or not self._spend(2 * _CHANCE):
            return [], ""
        for done in (red, green):
            for _ in range(_CHANCE):
                if self._trials.only([seen.id], done.trial.seed).is_red(seen.id) is not done.is_red(seen.id):
                    return [], ""
        text = (f"alone it failed {_CHANCE} times of {_CHANCE} with seed {red.trial.seed} and passed {_CHANCE} times of "
                f"{_CHANCE} with seed {green.trial.seed}: the seed sets `random` and the order of sets")  # fmt: skip
        hint = Hint(cause=Cause.RANDOMNESS, evidence=text, measured=True)
        return [hint], self._seeded(red, seen.id)

    def _by_order(self, seen: Seen) -> Flakiness:
        """It ended alike in the usual order, and otherwise in another company."""
        usual = next((red for done in seen.same if (red := done.is_red(seen.id)) is not None), None)
        alone = self._alone(seen)
        if alone is None:
            return self._unclear(seen)
        company = seen.same if usual is not alone else seen.shuffled
        other = next((done for done in company if done.is_red(seen.id) is (not alone)), None)
        if other is None:
            return self._unclear(seen)
        culprit = self._culprit(seen.id, other.before(seen.id), shows=not alone)
        if not culprit:
            return self._unclear(seen)
        verb = "passes only after" if alone else "fails after"
        text = f"alone it {'fails' if alone else 'passes'}, and it {verb} `{culprit}`"
        hints = [Hint(cause=Cause.ORDER, evidence=text, measured=True), *self._shared(seen, culprit, other)]
        ids = [seen.id] if alone else [culprit, seen.id]
        return self._finding(Kind.ORDER_DEPENDENT, seen, hints, f"{self._pytest()} {shlex.join(ids)}")

    def _culprit(self, test: str, before: Sequence[str], *, shows: bool) -> str:
        """The one test before it that decides; of its own module first, where it mostly is."""

        def ends_so(tests: Sequence[str]) -> bool:
            return self._ends(test, tests) is shows

        module = test.partition("::")[0]
        near = [each for each in before if each.partition("::")[0] == module]
        if near and ends_so(near):
            return find_culprit(near, ends_so)
        return find_culprit(before, ends_so)

    def _alone(self, seen: Seen) -> bool | None:
        """How it ends alone, if that is always alike; None where it is not, or where nobody may ask."""
        said = {self._ends(seen.id, ()) for _ in range(_TIMES)}
        said |= {red for done in seen.alone if (red := done.is_red(seen.id)) is not None}
        return said.pop() if len(said) == 1 else None

    def _ends(self, test: str, before: Sequence[str]) -> bool | None:
        if not self._spend(1):
            return None
        return self._trials.only([*before, test], 0).is_red(test)

    def _unclear(self, seen: Seen) -> Flakiness:
        """Not the order alone, as far as could be found out."""
        red = next(done for done in (*seen.same, *seen.shuffled, *seen.alone) if done.is_red(seen.id))
        test = seen.id if red.trial.order is Order.ALONE else ""
        reproduce = self._again(seen) if test else self._seeded(red, "")
        return self._finding(Kind.FLAKY, seen, [], reproduce, certain=False)

    def _finding(
        self, kind: Kind, seen: Seen, measured: list[Hint], reproduce: str, *, certain: bool = True
    ) -> Flakiness:
        source = read_source(self._root, seen.id)
        known = {hint.cause for hint in measured}
        others = () if kind is Kind.ORDER_DEPENDENT else find_hints(seen.attempts(), source)
        ended = seen.ended()
        failed, of = sum(each.failed for each in ended), sum(each.of for each in ended)
        text = (
            f"`{_name(seen.id)}` depends on the tests before it: {measured[0].evidence}"
            if kind is Kind.ORDER_DEPENDENT
            else f"`{_name(seen.id)}` failed in {failed} of {of} runs of the same code"
        )
        attempts = seen.attempts()
        return Flakiness(
            kind=kind, id=seen.id, place=source.place, message=text, ended=ended, reproduce=reproduce, certain=certain,
            failures=tuple(dict.fromkeys(each.failure for each in attempts if each.outcome in RED and each.failure)),
            hints=(*measured, *(hint for hint in others if hint.cause not in known)),
            seconds=min(map(_seconds, attempts), default=0.0),
        )  # fmt: skip

    def _shared(self, seen: Seen, culprit: str, done: Done) -> list[Hint]:
        """What both of them have touched."""
        mine, theirs = (
            {
                each.peer
                for test in done.by_id.get(name, ())
                for each in test.crossings
                if each.real and each.peer
            }
            for name in (seen.id, culprit)
        )
        return [
            Hint(cause=Cause.SHARED_STATE, evidence=f"both of them reach {peer}")
            for peer in sorted(mine & theirs)
        ]

    def _spend(self, runs: int) -> bool:
        self._budget -= runs
        return self._budget >= 0

    def _seeded(self, done: Done, test: str) -> str:
        shuffle = " --shuffle" if done.trial.order is Order.SHUFFLED else ""
        command = (
            shlex.join(self._command) if shuffle or not test else f"{self._pytest()} {shlex.quote(test)}"
        )
        return f"greenroom record --seed {done.trial.seed}{shuffle} -- {command}"

    def _again(self, seen: Seen) -> str:
        """As often as it takes: nothing that could be set decides."""
        ended = seen.ended()
        failed, of = sum(each.failed for each in ended), sum(each.of for each in ended)
        times = max(2, ceil(log(1 - _SURE) / log(1 - failed / of))) if failed < of else 2
        return f"greenroom record --repeat {times} -- {self._pytest()} {shlex.quote(seen.id)}"

    def _pytest(self) -> str:
        """The command as far as it says how pytest is started."""
        words = list(self._command)
        ends = [number for number, word in enumerate(words) if Path(word).name in ("pytest", "py.test")]
        return shlex.join(words[: ends[0] + 1]) if ends else "python -m pytest"


_PHASES = {"setup": "set-up", "call": "body", "teardown": "tear-down"}


def _seconds(test: TestEvidence) -> float:
    return test.setup + test.call + test.teardown


def _name(test: str) -> str:
    return test.rpartition("::")[2] or test
