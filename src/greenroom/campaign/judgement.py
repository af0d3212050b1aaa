"""Judges one mutant: which tests are run on it, how often, and what their outcome means."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from zlib import crc32

from greenroom.campaign.crew import Task
from greenroom.campaign.messages import Answer, Change, Ending, Job
from greenroom.campaign.observation import Observation, ObservedTest
from greenroom.campaign.subject import Subject
from greenroom.model.mutant import Verdict

Steps = Generator[Task, Answer, "Judgement"]
"""Asks for one task after the other, is sent their answers, and ends with the judgement."""

_RED = (Ending.FAILED, Ending.DIED)
_VERDICTS = {
    Ending.FAILED: Verdict.CAUGHT, Ending.DIED: Verdict.CAUGHT, Ending.HUNG: Verdict.HUNG, Ending.BROKEN: Verdict.BROKEN,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patience:
    """Limits of a test: so many seconds, and so many times what it took without a mutant."""

    waiting: tuple[float, float]
    """Of one that waits for nothing."""
    working: tuple[float, float]
    """Of one that is busy, in seconds of processor time: a loop without an end costs a processor, a long wait does not."""


_SOON = _Patience(waiting=(0.5, 6.0), working=(0.15, 6.0))
_LATE = _Patience(waiting=(3.0, 12.0), working=(1.0, 12.0))
"""Of tests that should end."""
_AGAIN = _Patience(waiting=(3.0, 12.0), working=(0.5, 12.0))
"""To confirm a hang: most are loops without an end, which use up whatever they are given."""
_PROMPT = 0.2
"""Seconds. A failure that took longer may be one of time: it has to come again."""
_ANY = 1
"""A seed of random numbers that is the same for all changes."""
_FEW = 2
"""One in so many tests, or less, are few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What came of a mutant."""

    verdict: Verdict
    by: str = ""
    error: str = ""
    where: str = ""
    cold: bool = False
    seconds: float = 0.0


class Judge:
    """Knows the suite, and which of its tests pass alone today."""

    def __init__(self, observation: Observation) -> None:
        self._observation = observation
        self._tests: Mapping[str, ObservedTest] = {test.id: test for test in observation.tests}
        self._numbers = count(100_000)
        self._green: dict[tuple[tuple[str, ...], bool], bool] = {}
        """Tests in their order, cold or not → whether they pass without any change."""
        self._steady: set[str] = set()
        """Tests that failed, and with the same change again, alone."""
        self._fickle: set[str] = set()
        """Tests that failed once, and not again."""

    def judge_subject(self, subject: Subject) -> Steps:
        """Try a mutant on the tests that can see it, in their order.

        What other mutants have shown plays no part in it: whose turn came first is another in each campaign, and so would the verdict be
        where one test hangs and another fails.
        """
        place = subject.mutant.place
        scouts = self._observation.voters(place.path, subject.mutant.lines) if subject.cold else []
        names = [test.id for test in scouts if test.id in subject.tests]
        near = self._near(subject) if subject.at_import and not names else []
        return (
            yield from self.judge(
                subject.change, subject.tests, cold=subject.cold, scouts=names, near=near, aside=subject.aside
            )
        )

    def _near(self, subject: Subject) -> list[str]:
        """Of all tests that may see what the import does, those that run anything in that file; none, if most do."""
        found = [name for name in subject.tests if subject.mutant.place.path in self._tests[name].files]
        return found if _FEW * len(found) < len(subject.tests) else []

    def judge(  # noqa: PLR0913  - what is changed, who is asked, and in which order
        self,
        change: Change,
        tests: Sequence[str],
        *,
        cold: bool,
        scouts: Sequence[str] = (),
        near: Sequence[str] = (),
        aside: bool = False,
    ) -> Steps:
        """Try a change.

        Args:
            change: What is changed.
            tests: All that may see it, in the order of their collection.
            cold: Whether it has to be imported anew.
            scouts: Where it has to be, those of the tests that run its lines: the quick way to the one that notices.
            near: Where nobody but the import runs these, the few that are likely to notice.
            aside: Whether nothing is to be learnt of the tests by it.
        """
        case = _Case(
            change=change, tests=list(tests), cold=cold or bool(self._observation.unsafe), aside=aside
        )
        passed: int | None = 0
        if near or (scouts and not self._observation.unsafe):
            answer = yield from self._scout(case, near or scouts, cold=bool(near))
            if answer is not None and answer.ending in _VERDICTS:
                return case.ended(_VERDICTS[answer.ending], answer)
            passed = int(not near) if answer is not None else None
        if passed is not None and case.cold and (yield from self._leaves_the_same(case)):
            case.tests, case.cold = list(scouts), False
        return (yield from self._ask_all(case, passed or 0))

    def _leaves_the_same(self, case: "_Case") -> Generator[Task, Answer, bool]:
        """Whether the import is none the wiser for the change: then only who runs its lines can notice, and a living process will do."""
        if self._observation.unsafe or case.change.in_children:
            return False
        one_of_each = {name.partition("::")[0]: name for name in sorted(case.tests)}
        task = self._task(case.change, list(one_of_each.values()), _SOON, cold=True, seed=_ANY)
        answer = yield replace(task, job=replace(task.job, imprint=True))
        case.seconds += answer.seconds
        return answer.ending is Ending.SAME

    def _ask_all(self, case: "_Case", passed: int) -> Steps:
        """Until one notices, and does so again, or all have passed twice; of that, they have done so many already."""
        doubt = ""
        while case.tests and passed < 2:
            answer = yield from self._try(case, case.tests, _LATE if case.slowly else _SOON)
            if answer.ending is Ending.BROKEN:
                return case.ended(Verdict.BROKEN, answer)
            if answer.ending is Ending.PASSED:
                passed += 1
            elif answer.ending in _RED:
                if (yield from self._is_confirmed(case, answer)):
                    return case.ended(Verdict.CAUGHT, answer)
                case.note(answer.test, self._fickle)
                doubt = f"{answer.test} failed once, and not again ({answer.error})"
                case.tests.remove(answer.test)
            elif answer.ending is Ending.HUNG:
                again = yield from self._hangs_again(case, answer.test)
                if again is not None:
                    return case.ended(again, answer)
                if case.slowly:
                    doubt = f"{answer.test} hung once, and not again"
                    case.tests.remove(answer.test)
                case.slowly = True
            else:
                return case.ended(Verdict.UNCONFIRMED, answer)
        if doubt:
            return Judgement(verdict=Verdict.UNCONFIRMED, error=doubt, cold=case.cold, seconds=case.seconds)
        return Judgement(verdict=Verdict.ESCAPED, cold=case.cold, seconds=case.seconds)

    def _scout(
        self, case: "_Case", tests: Sequence[str], *, cold: bool
    ) -> Generator[Task, Answer, Answer | None]:
        """Try some before all, and the living process, as far as it can be changed, before the one that imports everything anew.

        What it says is no verdict: who notices has to do so alone in a fresh import, too.

        Returns:
            What the noticing test says there, if it is the same; or that all passed here. None: nothing can be said.
        """
        answer = yield self._task(case.change, tests, _SOON, cold=cold, seed=case.next_seed())
        case.seconds += answer.seconds
        if answer.ending is Ending.PASSED or (cold and answer.ending is Ending.BROKEN):
            return answer
        if answer.ending not in (*_RED, Ending.HUNG) or not self._tests[answer.test].alone:
            return None
        alone = (answer.test,)
        if not (yield from self._is_green(case, alone)):
            return None
        again = yield from self._try(case, alone, _LATE)
        is_same = again.ending is answer.ending or (again.ending in _RED and answer.ending in _RED)
        return again if is_same or again.ending is Ending.BROKEN else None

    def _try(self, case: "_Case", tests: Sequence[str], limits: _Patience) -> Generator[Task, Answer, Answer]:
        """Run tests on the change; in a cold process where it turns out that it takes one."""
        answer = yield self._task(case.change, tests, limits, cold=case.cold, seed=case.next_seed())
        case.seconds += answer.seconds
        if answer.ending is Ending.COLD:
            case.cold = True
            answer = yield self._task(case.change, tests, limits, cold=True, seed=case.next_seed())
            case.seconds += answer.seconds
        if answer.ending is Ending.ERROR:
            answer = yield self._task(case.change, tests, limits, cold=case.cold, seed=case.next_seed())
            case.seconds += answer.seconds
        return answer

    def _is_confirmed(self, case: "_Case", first: Answer) -> Generator[Task, Answer, bool]:
        """The test fails again with the change, and passes without; alone, or after those before it.

        Who was the first in its process was alone already: it need not fail again where that did not take long, and the test is known for
        failing again.
        """
        test = first.test
        alone = (test,)
        if self._tests[test].alone and (yield from self._is_green(case, alone)):
            is_prompt = first.ran == 1 and first.seconds < _PROMPT and not case.cold
            if is_prompt and test in self._steady - self._fickle:
                return True
            answer = yield from self._try(case, alone, _LATE)
            if answer.ending in _RED:
                if first.where and _sign(first) == _sign(answer):
                    case.note(test, self._steady)
                return True
        sequence = tuple(case.tests[: case.tests.index(test) + 1])
        if sequence == alone or not (yield from self._is_green(case, sequence)):
            return False
        answer = yield from self._try(case, sequence, _LATE)
        return answer.ending in _RED and answer.test == test

    def _hangs_again(self, case: "_Case", test: str) -> Generator[Task, Answer, Verdict | None]:
        if not (yield from self._is_green(case, (test,))):
            return None
        answer = yield from self._try(case, (test,), _AGAIN)
        if answer.ending is Ending.HUNG:
            return Verdict.HUNG
        if answer.ending in _RED and (yield from self._is_confirmed(case, answer)):
            return Verdict.CAUGHT
        return None

    def _is_green(self, case: "_Case", tests: tuple[str, ...]) -> Generator[Task, Answer, bool]:
        """Whether they pass today without a change."""
        known = self._green.get((tests, case.cold))
        if known is None:
            answer = yield self._task(None, tests, _LATE, cold=case.cold)
            case.seconds += answer.seconds
            known = self._green[(tests, case.cold)] = answer.ending is Ending.PASSED
        return known

    def _task(
        self, change: Change | None, tests: Sequence[str], patience: _Patience, *, cold: bool, seed: int = 0
    ) -> Task:
        (least, times), (least_work, times_work) = patience.waiting, patience.working
        job = Job(
            number=next(self._numbers),
            tests=tuple(tests),
            limits=tuple(least + times * self._tests[test].seconds for test in tests),
            work=tuple(least_work + times_work * self._tests[test].work for test in tests),
            change=change,
            seed=seed,
            patience=(30 + 10 * self._observation.collecting) if cold else 30.0,
        )
        return Task(job=job, cold=cold)


def _sign(failure: Answer) -> tuple[str, str, str]:
    """By what a failure is known again."""
    return failure.test, failure.where, failure.error.partition(":")[0]


@dataclass(slots=True, kw_only=True)
class _Case:
    """What is known so far."""

    change: Change
    tests: list[str]
    """Those whose failure may still decide."""
    cold: bool
    aside: bool
    slowly: bool = False
    """Whether to give each test much time: one hung, and not alone."""
    seconds: float = 0.0
    tries: int = 0

    def note(self, test: str, known: set[str]) -> None:
        """Learn that of the test, unless nothing is to be learnt here."""
        if not self.aside:
            known.add(test)

    def next_seed(self) -> int:
        """Of random numbers: another for each try, and the same in each campaign."""
        self.tries += 1
        return 1 + crc32(
            f"{self.tries} {self.change.path} {self.change.text}".encode("utf-8", "surrogatepass")
        )

    def ended(self, verdict: Verdict, answer: Answer) -> Judgement:
        return Judgement(
            verdict=verdict,
            by=answer.test,
            error=answer.error,
            where=answer.where,
            cold=self.cold,
            seconds=self.seconds,
        )
