"""Runs a suite twice, module by module and each test alone on a busy machine, and keeps what there is to see."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from greenroom.campaign.crew import Crew, Done, Task, in_turn, told_by_children
from greenroom.campaign.errors import NoneVotesError, SuiteNotUsableError
from greenroom.campaign.first_pass import FirstPass, before_first, hand_on, in_modules, may_be_alone
from greenroom.campaign.inside.children import LINES
from greenroom.campaign.inside.line_trace import ANYTHING
from greenroom.campaign.messages import Ending, Job
from greenroom.campaign.observation import Lines, Observation, ObservedTest, add
from greenroom.campaign.ports import chosen
from greenroom.campaign.stress import stress
from greenroom.project.code.reading import Progress

_LIMIT = 600.0
"""Seconds that a test may take before anything is known of it."""
_PARTS = 2
"""Modules that are enough for running each in a process of its own."""
_GREEN = ("passed", "skipped", "xfailed")
_TOGETHER = 25
"""Tests that run no wanted line are run so many in a process."""


class Observer:
    """Leads one observation."""

    def __init__(
        self,
        crew: Crew,
        scratches: Sequence[Path],
        progress: Progress,
        late: list[str],
        settle: Callable[[], None],
    ) -> None:
        """Prepare.

        Args:
            crew: Its workers observe the lines that matter.
            scratches: The folders of its workers.
            progress: Told what is done.
            late: Filled with the libraries that tests import late, for workers that are started later.
            settle: Called once, when these are known: warm workers change no more.
        """
        self._late = late
        self._settle = settle
        self._crew = crew
        self._scratches = scratches
        self._progress = progress
        self._numbers = count(1)
        self._seen = Observation()
        self._tests: dict[str, ObservedTest] = {}
        self._known: dict[str, ObservedTest] = {}
        """Who need not be run."""
        self._clear: set[str] = set()
        """Who ran no wanted line in a process in which nobody had run any before: alone, they would not, either."""
        self._shared: dict[str, list[str]] = {}
        self._costs: dict[str, float] = {}
        self._imports: dict[str, Lines] = {}
        self._ports: set[int] = set()
        """Taken when all tests ran together."""
        self._ports_alone: dict[str, set[int]] = {}
        """Taken by each test alone."""

    def observe(
        self, collected: dict[str, Any], seconds: float, known: Observation | None = None
    ) -> Observation:
        """Run everything of which nothing is known.

        Args:
            collected: What a warm worker said of the tests.
            seconds: How long that took.
            known: Tests that do now what they did earlier. Where others are not green without them, all are run.

        Raises:
            SuiteNotUsableError: not one test passes.
            OutOfTimeError: the time of the crew is up.
        """
        self._run_all(collected, seconds, known)
        if known is not None and not self._is_as_expected():
            self._run_all(collected, seconds, None)
        if collected["doubtful"] and not self._cold:
            self._compare_with_cold()
        self._expect_voters()
        self._settle()
        self._alone()
        self._take_children()
        if known is not None:
            self._seen.seconds = max(self._seen.seconds, known.seconds)
        return self._seen

    def _is_as_expected(self) -> bool:
        """Whether the tests that were run are green without those before them, and none takes a port that another may want."""
        return not chosen(self._ports) and all(
            test.outcome in _GREEN for test in self._seen.tests if test.id not in self._known
        )

    @property
    def _cold(self) -> bool:
        return bool(self._seen.unsafe)

    def _take_collected(self, collected: dict[str, Any], seconds: float, known: Observation | None) -> None:
        self._known = {test.id: test for test in known.tests} if known is not None else {}
        names = [test["id"] for test in collected["tests"]]
        self._tests = {name: self._known.get(name) or ObservedTest(id=name) for name in names}
        if known is not None:
            self._late += [name for name in known.late if name not in self._late]
        self._shared = {test["id"]: test["shared"] for test in collected["tests"]}
        self._seen = Observation(
            tests=list(self._tests.values()),
            imported={path: set(lines) for path, lines in collected["imported"].items()},
            run_by_import=collected["run_by_import"],
            late=self._late,
            libraries=collected["libraries"],
            in_children=known.in_children if known is not None else {},
            deselected=collected["deselected"],
            unsafe=collected["unsafe"],
            collecting=seconds,
        )

    # All, in the order of the collection

    def _run_all(self, collected: dict[str, Any], seconds: float, known: Observation | None) -> None:
        self._take_collected(collected, seconds, known)
        if not self._passes_in_parts():
            self._take_collected(collected, seconds, known)
            self._together()

    def _passes_in_parts(self) -> bool:
        """Whether nobody needs the tests of another module before him; then, who is clear is known, too."""
        waiting = [name for name in self._tests if name not in self._known]
        self._clear = set()
        if self._cold or len(in_modules(waiting)) < _PARTS:
            return False
        parts = FirstPass(waiting, self._shared, self._crew.size)
        ended = 0

        def feed(_: bool) -> Task | None:  # noqa: FBT001  - a crew's one question
            part = parts.next(self._costs)
            return self._task(part, apart=True) if part else None

        for done in self._crew.work(feed):
            told = self._take(done)
            self._crew.load(self._late)
            self._seen.seconds += done.answer.seconds
            self._progress("running the tests", ended := ended + len(done.task.job.tests), len(waiting))
            if not any(kind == "shared" and _sees(content) for kind, content in done.told):
                quiet = {each["id"] for each in told if not _sees(each)}
                self._clear.update(before_first(done.task.job.tests, quiet.__contains__))
        return all(self._tests[name].outcome in _GREEN for name in waiting)

    def _together(self) -> None:
        self._clear = set()
        began = time.monotonic()
        waiting = [name for name in self._tests if name not in self._known]
        while waiting:
            done = self._run([self._task(waiting, apart=True)])
            waiting = waiting[waiting.index(done.answer.test) + 1 :] if self._is_stopped(done) else []
        self._seen.seconds = time.monotonic() - began

    def _compare_with_cold(self) -> None:
        """The collected process has threads of libraries: do tests fail because it was forked?"""
        failed = [test.id for test in self._seen.tests if test.outcome in ("failed", "error", "")]
        if not failed:
            return
        task = self._task(failed)
        (done,) = self._crew.work(in_turn([Task(job=task.job, cold=True)]))
        if any(kind == "test" and told["outcome"] == "passed" for kind, told in done.told):
            self._seen.unsafe.append(f"{failed[0]} fails in a process that was forked from one with threads")
            self._together()

    def _expect_voters(self) -> None:
        if not any(test.votes for test in self._seen.tests):
            failed = next((test.id for test in self._seen.tests if test.outcome != "passed"), "")
            message = (
                f"none of the {len(self._tests)} tests passes (first: {failed}): "
                "run pytest yourself and repair the suite first; what it needs beside (services, variables) "
                "must be there for `greenroom prove`, too"
            )
            raise NoneVotesError(message, self._seen.tests)

    def _is_stopped(self, done: Done) -> bool:
        """A test took the process with it: it is no voter, and the rest follows in a new one."""
        answer = done.answer
        if answer.ending is Ending.ERROR or (answer.ending is not Ending.PASSED and not answer.test):
            message = f"the tests cannot be run in a process of their own: {answer.error}"
            raise SuiteNotUsableError(message)
        if answer.ending is Ending.PASSED:
            return False
        test = self._tests[answer.test]
        test.outcome, test.why = "error", answer.error
        return True

    def _run(self, tasks: list[Task]) -> Done:
        total = len(self._tests)
        (done,) = self._crew.work(in_turn(tasks))
        self._progress("running the tests", total, total)
        self._take(done)
        return done

    # Each alone, on a busy machine

    def _alone(self) -> None:
        known = self._known.keys() | self._clear
        voters = [test.id for test in self._seen.tests if test.votes and test.id not in known]
        if not voters:
            return
        is_each = self._may_be_alone(voters, self._crew.left())
        self._seen.hurried = not is_each and self._may_be_alone(voters)
        if not is_each:
            self._expect_set_up(voters)
        tasks = deque(map(self._task, self._groups(voters, is_each=is_each)))
        doubtful: list[str] = []
        with stress():
            total, ended = len(tasks), 0
            for done in self._crew.work(in_turn(tasks)):
                if is_each and self._is_undecided(done):
                    tasks.extend(self._task([name]) for name in done.task.job.tests)
                    total = ended + len(tasks)
                    continue
                self._progress("running each test alone", ended := ended + 1, total)
                doubtful += self._doubtful(done)
        for name in sorted(doubtful, key=voters.index):
            self._look_again(name)
        if not is_each:
            hand_on(in_modules(voters), self._imports, self._tests)
        for name, ports in self._ports_alone.items():
            same = ports & self._ports
            if same and name not in self._seen.colliding and (chosen(same) or self._takes_again(name, same)):
                self._seen.colliding.append(name)  # the same port each time: two of them cannot run at a time

    def _takes_again(self, name: str, ports: set[int]) -> bool:
        """The system hands out the same port twice by chance, and hardly a third time."""
        (done,) = self._crew.work(in_turn([self._task([name])]))
        return any(not ports.isdisjoint(told.get("ports", ())) for _, told in done.told)

    def _expect_set_up(self, voters: list[str]) -> None:
        """Whoever comes first in a trial sets up what its module shares, and may take that long, too."""
        for name in voters:
            shared = sum(self._costs.get(each, 0.0) for each in self._shared[name])
            self._tests[name].seconds += shared
            self._tests[name].work += shared

    def _groups(self, voters: list[str], *, is_each: bool) -> list[list[str]]:
        """Each for itself, and some together that run no wanted line; or each module, where there is no time for that."""
        if not is_each:
            return in_modules(voters)
        seeing = [name for name in voters if not self._is_blind(name)]
        blind = in_modules(filter(self._is_blind, voters))
        parts = [
            group[start : start + _TOGETHER] for group in blind for start in range(0, len(group), _TOGETHER)
        ]
        return parts + [[name] for name in seeing]

    def _is_blind(self, name: str) -> bool:
        """Whether a test ran none of the lines that matter, and started nobody who might."""
        return not any(self._tests[name].lines.values()) and ANYTHING not in self._tests[name].files

    def _may_be_alone(self, voters: list[str], left: float | None = None) -> bool:
        shared = sum(self._costs.get(each, 0.0) for name in voters for each in self._shared[name])
        cold = self._seen.collecting * len(voters) if self._cold else 0.0
        return may_be_alone(
            self._seen.seconds, shared + cold, len(voters), workers=self._crew.size, left=left
        )

    def _is_undecided(self, done: Done) -> bool:
        """Whether one of several tests failed, ran a wanted line after all, or took a port: then each is run alone.

        If they run none together in a fresh process, then none does alone: nobody was there before who could have done it.
        """
        names = done.task.job.tests
        quiet = {
            told["id"] for kind, told in done.told
            if kind == "test" and told["outcome"] == "passed" and not _sees(told)
        }  # fmt: skip
        return len(names) > 1 and not quiet.issuperset(names)

    def _doubtful(self, done: Done) -> list[str]:
        """The tests of a task that did not pass now, though they did together."""
        passed = {told["id"] for told in self._take(done) if told["outcome"] == "passed"}
        return [name for name in done.task.job.tests if name not in passed]

    def _look_again(self, name: str) -> None:
        """Why a test did not pass alone among others on a busy machine."""
        if not self._passes(name):
            self._tests[name].alone = False
            return
        with stress():
            calm = self._passes(name)
        if calm:
            self._seen.colliding.append(name)
        else:
            self._tests[name].timing = True

    def _passes(self, name: str) -> bool:
        (done,) = self._crew.work(in_turn([self._task([name])]))
        return any(told["outcome"] == "passed" for told in self._take(done))

    # In networks of their own

    def passes_in_own_networks(self, crew: Crew) -> bool:
        """Whether all voters pass there at the same time, twice, and go no other ways than in a common network.

        Who needs a service of this machine fails there, or takes a way out that nobody has seen.
        """
        voters = [test.id for test in self._seen.tests if test.votes]
        alone = [name for name in voters if self._tests[name].alone]
        tasks = [self._task(group) for group in self._groups(alone, is_each=self._may_be_alone(alone))]
        tasks += [self._task(voters[: voters.index(name) + 1]) for name in voters if name not in alone]
        with stress():
            done = [each for _ in range(2) for each in crew.work(in_turn(tasks))]
        return all(map(self._is_as_known, done))

    def _is_as_known(self, done: Done) -> bool:
        told = {content["id"]: content for kind, content in done.told if kind == "test"}
        return all(name in told and self._is_known(told[name]) for name in done.task.job.tests)

    def _is_known(self, told: dict[str, Any]) -> bool:
        test = self._tests[told["id"]]
        lines = all(set(numbers) <= test.lines.get(path, set()) for path, numbers in told["lines"].items())
        return told["outcome"] == "passed" and lines and test.files.issuperset(told["files"])

    def found(self, *, own_network: bool) -> Observation:
        """What was seen; in networks of their own, nobody disturbs anybody."""
        self._seen.own_network = own_network
        if own_network:
            self._seen.colliding = []
        return self._seen

    # What was told

    def _task(self, names: list[str], *, apart: bool = False) -> Task:
        limits = tuple(
            max(_LIMIT / 10, 20 * self._tests[name].seconds) if not apart else _LIMIT for name in names
        )
        job = Job(
            number=next(self._numbers), tests=tuple(names), limits=limits, observe=True, apart=apart,
            patience=60 + 10 * self._seen.collecting,
        )  # fmt: skip
        return Task(job=job, cold=self._cold)

    def _take(self, done: Done) -> list[dict[str, Any]]:
        """Take what was told of tests into account, and return that."""
        tests = []
        for kind, told in done.told:
            if kind == "test":
                self._take_test(told, first=done.task.job.apart)
                tests.append(told)
            elif kind == "shared":
                self._take_shared(told)
            elif kind == "late":
                self._seen.late += [name for name in told["modules"] if name not in self._seen.late]
        return tests

    def _take_test(self, told: dict[str, Any], *, first: bool) -> None:
        test = self._tests[told["id"]]
        (self._ports if first else self._ports_alone.setdefault(test.id, set())).update(told["ports"])
        if first:
            test.outcome, test.why, test.left = told["outcome"], told["failure"], told["left"]
        test.seconds = max(test.seconds, told["seconds"])
        test.work = max(test.work, told["work"])
        add(test.lines, told["lines"].items())
        add(test.own, told["lines"].items())
        add(self._imports.setdefault(test.id, {}), told["imports"].items())
        test.files.update(told["files"])

    def _take_shared(self, told: dict[str, Any]) -> None:
        name = told["name"]
        self._costs[name] = max(self._costs.get(name, 0.0), told["cost"])
        self._ports.update(told["ports"])
        for test in self._users(name):
            add(test.lines, told["lines"].items())
            test.files.update(told["files"])

    def _users(self, fixture: str) -> Iterator[ObservedTest]:
        return (test for test in self._seen.tests if fixture in self._shared[test.id])

    def _take_children(self) -> None:
        for scratch in self._scratches:
            for context, path, line in told_by_children(scratch, LINES):
                add(self._seen.in_children, [(path, [line])])
                shared = context.removeprefix("shared ")
                named = self._users(shared) if shared != context else iter([self._tests.get(context)])
                for test in named:
                    if test is not None:
                        add(test.lines, [(path, [line])])
                        if shared == context:
                            add(test.own, [(path, [line])])
                        test.files.add(path)


def _sees(told: dict[str, Any]) -> bool:
    """Whether somebody ran a wanted line, or may have, or takes what another may want."""
    return bool(told["lines"] or told["ports"]) or ANYTHING in told["files"]
