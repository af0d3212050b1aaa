"""Asks one test whether it notices an incident."""

import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from greenroom.campaign.checking import check
from greenroom.campaign.crew import Crew
from greenroom.campaign.errors import NoneVotesError, NotCollectedError, NothingToProveError
from greenroom.campaign.judgement import Judge, Judgement
from greenroom.campaign.near_lines import around, bodies_in, nearest_first, run_by
from greenroom.campaign.observation import Lines, Observation, ObservedTest
from greenroom.campaign.panel import LocalPanel
from greenroom.campaign.plan import Plan, make_plan
from greenroom.campaign.question import Question
from greenroom.campaign.request import Request
from greenroom.campaign.schedule import Case, Schedule
from greenroom.campaign.stage import DESELECTED, Stage
from greenroom.campaign.subject import Reach, Subject, diff
from greenroom.model.effectiveness import AskedTest, Effectiveness
from greenroom.model.mode import FailureMode
from greenroom.model.proof import Trial
from greenroom.model.settings import Settings
from greenroom.project.code.reading import Progress


def measure_effectiveness(  # noqa: PLR0913  - as `run.prove`, and what is asked
    root: Path,
    settings: Settings,
    modes: Iterable[FailureMode],
    request: Request,
    question: Question,
    *,
    progress: Progress | None = None,
) -> Effectiveness:
    """Seed the incident where the test goes, and run the test with it and without.

    Raises:
        ProjectError: there is no such project, or its tests cannot be run at all.
        NothingToProveError: nowhere in the project can the incident happen.
        ConfigurationError: nobody knows the incident.
    """
    began = time.monotonic()
    known = list(modes)
    plan = make_plan(root, settings, known, question.choice(known), progress=progress)
    told = question.told(known)
    if not plan.mutants:
        message = f"nowhere in {root} is there a line on which {' or '.join(told)} could be seeded"
        raise NothingToProveError(message)
    operators = [operator for mode in known for operator in mode.operators]
    empty = Effectiveness(
        test=question.test,
        incidents=told,
        elsewhere=nearest_first(root, question.test, plan.mutants),
        consequences={each.key: each.consequence for each in operators},
        noticed_by={each.key: each.noticed_by for each in operators},
    )
    asked = replace(request, arguments=(*request.arguments, question.test))
    found = _Inquiry(root.resolve(), plan, asked, question, progress or _silent).answer(empty)
    return replace(found, seconds=time.monotonic() - began)


class _Inquiry:
    """One question, from the collection of the test to the last verdict."""

    def __init__(
        self, root: Path, plan: Plan, request: Request, question: Question, progress: Progress
    ) -> None:
        self._root = root
        self._plan = plan
        self._request = request
        self._question = question
        self._progress = progress
        self._path = question.test.partition("::")[0]
        self._bodies = bodies_in(root, self._path)

    def answer(self, empty: Effectiveness) -> Effectiveness:
        """What the test makes of each failure; the reason where it never ran."""
        bodies = {self._path: set().union(*self._bodies.values())}
        also = _joined(bodies, around(self._plan))
        with ExitStack() as stack:
            kept = Path(stack.enter_context(TemporaryDirectory(prefix="greenroom-")))
            stage = stack.enter_context(Stage(self._root, self._plan, self._request, self._progress, also))
            try:
                seen = stage.observe(kept)
            except NotCollectedError as error:
                return replace(empty, never_ran=error.why)
            except NoneVotesError as error:
                return self._with_tests(empty, error.tests)
            found = self._with_tests(empty, seen.tests)
            if not found.tests and any(map(self._question.matches, seen.deselected)):
                return replace(found, never_ran=DESELECTED)
            if found.never_ran:
                return found
            return self._tried(found, seen, stack.enter_context(stage.crew(seen)))

    def _tried(self, found: Effectiveness, seen: Observation, crew: Crew) -> Effectiveness:
        voters = {test.id for test in found.tests if not test.idle}
        reach = Reach(seen)
        subjects = []
        for mutant in self._plan.mutants:
            subject = reach.of(mutant, self._plan.texts[mutant.place.path])
            tests = tuple(name for name in subject.tests if name in voters)
            if tests:
                subjects.append(replace(subject, tests=tests))
        judge = Judge(seen)
        schedule = Schedule(Case(subject, judge.judge_subject(subject)) for subject in subjects)
        trials: dict[str, Trial] = {}
        for done, (subject, judgement) in enumerate(schedule.judge_all(crew), start=1):
            self._progress("trying failures", done, len(subjects))
            trials[subject.mutant.key] = self._trial(subject, judgement)
        return replace(
            found,
            trials=tuple(trials[subject.mutant.key] for subject in subjects),
            elsewhere=tuple(mutant for mutant in found.elsewhere if mutant.key not in trials),
            controls=tuple(check(_widened(subjects, seen), self._plan.texts, seen, LocalPanel(judge, crew))),
        )

    def _trial(self, subject: Subject, judgement: Judgement) -> Trial:
        mutant = subject.mutant
        return Trial(
            mutant=mutant, verdict=judgement.verdict, tests=subject.tests, by=judgement.by, error=judgement.error,
            where=judgement.where, cold=judgement.cold, at_import=subject.at_import, seconds=judgement.seconds,
            diff=diff(mutant, self._plan.texts[mutant.place.path]),
        )  # fmt: skip

    def _with_tests(self, empty: Effectiveness, tests: Iterable[ObservedTest]) -> Effectiveness:
        """The tests that were meant; why there is nothing to ask where none of them votes."""
        asked = tuple(
            AskedTest(id=test.id, idle=self._why_idle(test))
            for test in tests
            if self._question.matches(test.id)
        )
        reasons = [test.idle for test in asked] or ["pytest finds no such test"]
        return replace(empty, tests=asked, never_ran=reasons[0] if all(reasons) else "")

    def _why_idle(self, test: ObservedTest) -> str:
        because = f" ({test.why})" if test.why else ""
        if test.outcome == "skipped":
            return f"it is skipped{because}"
        if test.outcome == "xfailed":
            return f"it is expected to fail{because}, so that its red says nothing"
        if test.outcome in ("failed", "error"):
            return f"it is red already, without any defect{because}"
        if test.timing:
            return "it is red now and then, on a busy machine, without any defect"
        if test.left or (test.votes and not self._runs_itself(test)):
            return "it is green although not one line of its body runs"
        return "" if test.votes else "the process ended before it was reached"

    def _runs_itself(self, test: ObservedTest) -> bool:
        path, _, name = test.id.partition("[")[0].partition("::")
        body = self._bodies.get(name.replace("::", "."), set()) if path == self._path else set()
        return not body or not body.isdisjoint(test.lines.get(path, set()))


def _widened(subjects: list[Subject], seen: Observation) -> list[Subject]:
    """The same, whose controls may stand wherever their tests run the functions around them."""
    known = [(test.id, test.lines) for test in seen.tests]
    return [
        subject
        if subject.at_import
        else replace(subject, mutant=replace(subject.mutant, lines=tuple(sorted(run_by(subject, known)))))
        for subject in subjects
    ]


def _joined(*found: Lines) -> Lines:
    lines: Lines = {}
    for each in found:
        for path, numbers in each.items():
            lines.setdefault(path, set()).update(numbers)
    return lines


def _silent(_what: str, _done: int, _total: int) -> None:
    """Nobody wants to know."""
