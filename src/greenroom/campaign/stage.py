"""Where a campaign takes place: its workers, their folders, and what they observe before anything is seeded."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from greenroom.campaign.complaint import last_complaint, without_traceback
from greenroom.campaign.crew import Crew
from greenroom.campaign.django_suite import is_of_django, known_to_django
from greenroom.campaign.earlier import Earlier
from greenroom.campaign.errors import NotCollectedError, SuiteNotUsableError
from greenroom.campaign.inside.own_network import can_have_own_network
from greenroom.campaign.messages import Order
from greenroom.campaign.observation import Lines, Observation, load_observation
from greenroom.campaign.observe import Observer
from greenroom.campaign.plan import Plan
from greenroom.campaign.request import Request
from greenroom.campaign.seat import Seat, take_seat
from greenroom.campaign.worker import Worker, WorkerGoneError, new_scratch, start_worker
from greenroom.project.code.reading import Progress

DESELECTED = "it is deselected, by `-k`, `-m` or a plugin"


class Stage:
    """A context manager: nothing is left behind."""

    def __init__(  # noqa: PLR0913, PLR0917  - what is asked, and how
        self,
        root: Path,
        plan: Plan,
        request: Request,
        progress: Progress,
        also: Lines | None = None,
        seats: Sequence[Seat] = (),
        until: float | None = None,
    ) -> None:
        """Prepare.

        Args:
            root: The project.
            plan: What is to be seeded.
            request: How the tests are run.
            progress: Told what is done.
            also: Lines to be observed beside those that the plan changes.
            seats: One for each worker; none: as many as are wanted.
            until: When `time.monotonic` is there, what is being observed is given up.
        """
        self._root = root
        self._python = request.interpreter()
        self.assumed = known_to_django(root, self._python, request.arguments)
        """Given to pytest beside what the request says."""
        self._arguments = (*self.assumed, *request.arguments)
        self._progress = progress
        self._wanted = _wanted(plan, also or {})
        self._size = len(seats) or request.workers or len(os.sched_getaffinity(0))
        self._seats = list(seats) or [take_seat() for _ in range(self._size) if self._size > 1]
        self._until = until
        self._scratch = new_scratch()
        self._late: list[str] = []
        self._libraries: list[str] = []
        self._observing = False
        self._is_settled = True
        self._own_network = False
        self._observers: Crew | None = None
        """Warm workers that have observed, and go on."""
        self._begun: dict[int, Worker] = {}
        """Warm workers that collect while something else is done; by their slot."""
        self._began = 0.0
        """When the first of these began, if it did so early."""
        self._crew = Crew(0, self._start)
        """Who works now."""
        self._first: Worker | None = None
        """The worker of the first slot, if others may be forked from it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end_begun()
        if self._observers is not None:
            self._observers.end()
        for seat in self._seats:
            seat.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def begin(self) -> None:
        """Have the tests collected from now on: whatever else comes first, there is work for the first worker."""
        with suppress(WorkerGoneError):  # whoever needs it meets that again, and says so
            order = replace(self._order(0, warm=True), wanted=self._wanted)
            self._began = time.monotonic()
            self._begun[0] = start_worker(self._python, order)

    def observe(self, kept: Path, earlier: Earlier | None = None) -> Observation:
        """What is known of the suite: from an earlier campaign on the same tree, or by running it.

        Args:
            kept: Where it is kept.
            earlier: What was seen on other states of the tree; of what has not changed since, it is believed.

        Raises:
            SuiteNotUsableError: the tests cannot be collected, or none passes.
            OutOfTimeError: the time is up.
        """
        lines = hashlib.sha256(json.dumps(self._wanted, sort_keys=True).encode()).hexdigest()[:12]
        file = kept / f"observation-{lines}.json"
        found = load_observation(file)
        if found is None or (found.hurried and self._until is None):
            found = self._look(earlier)
            if earlier is not None:
                earlier.sign(found, _as_sets(self._wanted))
            found.save(file)
        return found

    def crew(self, observation: Observation) -> Crew:
        """The workers that try mutants."""
        self._late, self._libraries = observation.late, observation.libraries
        self._own_network = observation.own_network
        if self._own_network:
            self._end_begun()
        crew, self._observers = self._observers, None
        if crew is not None:
            crew.go_on(observation.late)
            return crew
        return self._new_crew(1 if observation.colliding else self._size)

    def _new_crew(self, size: int) -> Crew:
        self._crew, self._first = Crew(size, self._start), None
        self._crew.until = self._until
        return self._crew

    def _look(self, earlier: Earlier | None) -> Observation:
        self._observing, self._is_settled = True, False
        self._progress("collecting tests", 0, 1)
        began = self._began or time.monotonic()
        try:
            with ExitStack() as stack:
                begun = self._begun.pop(0, None)
                first = begun or start_worker(self._python, self._order(0, warm=True))
                crew = stack.enter_context(self._new_crew(self._size))
                crew.take_in(first)
                collected = self._collected(first)
                self._double(first, collected)
                seconds = time.monotonic() - began
                scratches = [
                    self._folder(slot, warm=warm) for slot in range(self._size) for warm in (True, False)
                ]
                known = earlier.find(collected, _as_sets(self._wanted)) if earlier is not None else None
                observer = Observer(crew, scratches, self._progress, self._late, lambda: self._settle(crew))
                found = observer.observe(collected, seconds, known)
                if not (found.colliding or found.unsafe):
                    stack.pop_all()
                    self._observers = crew
            return self._with_own_networks(observer) if found.colliding and self._size > 1 else found
        except WorkerGoneError as error:
            message = (
                f"the tests could not be run with {self._python}: {without_traceback(str(error))}\n"
                "Run pytest yourself and see to it that it comes as far as the tests; another interpreter is named with --python."
            )
            raise SuiteNotUsableError(message) from error
        finally:
            self._observing, self._is_settled = False, True
            self._end_begun()

    def _settle(self, crew: Crew) -> None:
        """What tests import late is known: from here on, warm workers are what they stay."""
        crew.load(self._late)
        crew.settle(self._twins)
        self._is_settled = True

    def _double(self, first: Worker, collected: dict[str, Any]) -> None:
        """Have workers for the other slots, too: forked from the first, or where that would not be as good, started as it was."""
        self._first = None
        if not (collected["unsafe"] or collected["doubtful"] or collected["unique"]):
            self._first = first
            for slot, twin in self._twins().items():
                self._crew.take_in(twin, slot)
        elif self._observing:
            self._begun = {
                slot: start_worker(self._python, self._order(slot, warm=True))
                for slot in range(1, self._size)
            }

    def _twins(self) -> dict[int, Worker]:
        """Of the worker of the first slot, for all others."""
        found: dict[int, Worker] = {}
        first = self._first
        if first is not None:
            with suppress(WorkerGoneError):
                for slot in range(1, self._crew.size):
                    found[slot] = first.twin(self._order(slot, warm=True))
        return found

    def _end_begun(self) -> None:
        """Who was not needed leaves."""
        while self._begun:
            self._begun.popitem()[1].end()

    def _with_own_networks(self, observer: Observer) -> Observation:
        """Tests disturb one another: perhaps in a common network alone, as those that listen at the same port."""
        self._own_network = can_have_own_network()
        if self._own_network:
            with self._new_crew(self._size) as crew:
                self._own_network = observer.passes_in_own_networks(crew)
        return observer.found(own_network=self._own_network)

    def _collected(self, worker: Worker) -> dict[str, Any]:
        kind, content = worker.hear(self._crew.until)
        if kind != "collected":
            message = f"pytest ended with {content} before it ran a test:\n{worker.last_words()}"
            raise NotCollectedError(message, last_complaint(worker.last_words()))
        if content["errors"]:
            first = content["errors"][0]
            said, number = first["error"].removeprefix("E ").strip(), len(content["errors"])
            others = f" and {number - 1:,} more" if number > 1 else ""
            message = (
                f"{first['id']}{others} cannot be imported: {said}\n"
                f"The tests were run with {self._python}: if that is not the project's own, name it with --python; "
                "what is to be left out goes to pytest behind `--`, such as `-- --ignore=FOLDER`."
            )
            why = f"{first['id']} cannot be imported ({said})"
            raise NotCollectedError(message, why)
        if not content["tests"]:
            message = "pytest finds no test: pass what it needs to find them after `--`"
            if is_of_django(self._root) and not self.assumed:
                message += "; those of `manage.py test` are taken where pytest-django is installed and no file configures pytest"
            raise NotCollectedError(
                message, DESELECTED if content["deselected"] else "pytest finds no test there"
            )
        found: dict[str, Any] = content
        return found

    def _start(self, slot: int, warm: bool) -> Worker:  # noqa: FBT001  - a crew's one question
        begun = self._begun.pop(slot, None) if warm else None
        worker = begun or start_worker(self._python, self._order(slot, warm=warm))
        if not warm:
            worker.tell("load", [*self._libraries, *self._late])
            return worker
        collected = self._collected(worker)
        worker.tell("load", self._late)
        if self._is_settled:
            worker.tell("ready", None)
        if slot == 0 and self._first is None:
            self._double(worker, collected)
        return worker

    def _order(self, slot: int, *, warm: bool) -> Order:
        return Order(
            root=str(self._root), arguments=self._arguments, scratch=str(self._folder(slot, warm=warm)),
            wanted=self._wanted if self._observing else {}, warm=warm, slot=self._seats[slot].number if self._seats else None,
            own_network=self._own_network,
        )  # fmt: skip

    def _folder(self, slot: int, *, warm: bool) -> Path:
        folder = self._scratch / f"{slot}{'w' if warm else 'c'}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _as_sets(wanted: dict[str, list[int]]) -> Lines:
    return {path: set(lines) for path, lines in wanted.items()}


def _wanted(plan: Plan, also: Lines) -> dict[str, list[int]]:
    lines = {path: set(numbers) for path, numbers in also.items()}
    for mutant in plan.mutants:
        lines.setdefault(mutant.place.path, set()).update(mutant.lines)
    return {path: sorted(numbers) for path, numbers in lines.items()}
