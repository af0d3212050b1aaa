"""A run as far as it still speaks for the project: what has changed since is left out."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from greenroom.detect.observed.seen_test import SeenTest, by_test
from greenroom.model.evidence import Crossing, Exchange, Run, TestEvidence
from greenroom.model.place import Place
from greenroom.model.test_case import Interface, TestCase
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.testing.touches import is_production

_WHOLE = 0.9
"""Share of the collected tests: some are for another system or version everywhere."""
_OTHER_PROCESSES = frozenset({"http", "llm", "mail", "process", "socket"})


class SeenRun:
    """Answers for the tests and the files that are as they were."""

    def __init__(
        self, run: Run, tests: Iterable[TestEvidence], project: Project, contents: Mapping[str, str]
    ) -> None:
        self.run = run
        self.project = project
        self.changed = frozenset(
            path for path in {*contents, *run.contents} if contents.get(path) != run.contents.get(path)
        )
        """Files that differ, came or went since."""
        found = by_test(tests)
        known = {case.id for case in project.suite.tests}
        self.contained = frozenset(found.keys() & known)
        """Ids of the audit's tests that the run contained, usable or not."""
        self.tests: dict[str, SeenTest] = {
            name: test for name, test in found.items() if name in known and self._is_as_it_was(name)
        }
        """By id; those whose own file, and the `conftest.py` files above it, are as they were."""
        self.out_of_sight = frozenset(
            {case.id for case in project.suite.tests if case.id not in self.tests}
            | {name for name, test in self.tests.items() if self._is_before_a_server(test)}
        )
        """Tests of which the run cannot say what they did not reach."""
        items = project.suite.items
        run_by_nobody = {case.id for case in project.suite.tests if not case.collected}
        hidden = [item for item in items if item.id in self.out_of_sight - run_by_nobody]
        self._functions = frozenset((item.function.path, item.function.qualname) for item in items)
        self._hidden_functions = frozenset((item.function.path, item.function.qualname) for item in hidden)
        self._hidden_files = frozenset(item.module.path for item in hidden)
        self.has_lines = any(part.lines for test in self.tests.values() for part in test.parts)

    def of(self, case: TestCase) -> SeenTest | None:
        """What the run says of a test; None where it says nothing."""
        return self.tests.get(case.id)

    def has_sensor(self, name: str) -> bool:
        """Whether this was watched to the end of the run."""
        return name in self.run.sensors and not any(
            note.startswith(f"sensor {name} is off") for note in self.run.notes
        )

    @property
    def is_whole(self) -> bool:
        """Whether it was a run of the suite, and of no small part of it."""
        collected = [case for case in self.project.suite.tests if case.collected or case.id in self.tests]
        return bool(collected) and sum(case.id in self.tests for case in collected) >= _WHOLE * len(collected)

    def is_out_of_sight(self, function: Scope) -> bool:
        """Whether a function of the suite, or a helper, may have done more than the run could see.

        What no runner collects does nothing, in this run or another.
        """
        return (function.path, function.qualname) in self._hidden_functions or (
            function.path in self._hidden_files and (function.path, function.qualname) not in self._functions
        )

    def is_production(self, place: Place | None) -> bool:
        """Whether it is a line of production code that stands as it stood in the run."""
        return self._is_of(place, FileKind.PRODUCTION)

    def is_of_suite(self, place: Place | None) -> bool:
        """Whether it is a line of the tests that stands as it stood in the run."""
        return self._is_of(place, FileKind.TEST)

    def of_product(self, test: SeenTest) -> Iterator[Crossing]:
        """Crossings on the way to which production code stands."""
        return (each for each in test.crossings() if self.is_production(each.place))

    def of_client(self, test: SeenTest) -> Iterator[Crossing]:
        """Crossings which the test's own client makes, in its fixtures too."""
        return (each for each in test.crossings() if self.is_of_suite(each.place))

    def answered(self, test: SeenTest) -> Iterator[Exchange]:
        """Requests that the product answered; a server which the tests themselves define is no product."""
        for each in test.exchanges():
            if each.place is None or each.place.path not in self.changed:
                yield each

    def _is_before_a_server(self, test: SeenTest) -> bool:
        """Whether it talks to a process that an earlier test has started, or nobody recorded."""
        if any(each.interface is Interface.REAL for each in test.exchanges()):
            return False
        return any(
            each.real and not each.failure and each.kind in _OTHER_PROCESSES for each in self.of_client(test)
        )

    def is_production_file(self, path: str) -> bool:
        """Whether it is a file that tests are about, the product's scripts among them, and as it was."""
        module = self.project.modules.get(path)
        return module is not None and path not in self.changed and is_production(module.kind, path)

    def _is_of(self, place: Place | None, kind: FileKind) -> bool:
        if place is None or place.path in self.changed:
            return False
        module = self.project.modules.get(place.path)
        return module is not None and module.kind is kind

    def _is_as_it_was(self, test_id: str) -> bool:
        path = test_id.partition("::")[0]
        above = [str(folder / "conftest.py") for folder in PurePosixPath(path).parents]
        return not self.changed.intersection([path, *above])
