"""Which lines and branches of the project a test ran, by coverage.py; only where it is asked for.

Where the project measures coverage itself, two would be in each other's way: then its own figures are taken
afterwards, see `reused_lines`.
"""

import atexit
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from greenroom.model.evidence import LinesRun
from greenroom.model.lines import write_branches, write_lines
from greenroom.record.project_code import ProjectCode
from greenroom.record.sensor import Part, RunningTest, Scene
from greenroom.record.test_files import is_for_tests


class LineSensor:
    """Has coverage.py measure, with a context for each test; tells all of it when the run ends."""

    name = "coverage"
    in_children = False

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._library: Any = None
        self._coverage: Any = None
        self._is_waiting = False
        self._tests: dict[str, RunningTest] = {}

    def install(self, scene: Scene) -> None:
        """Wait for the first test: what is imported before it is nobody's."""
        self._scene = scene
        if find_spec("coverage") is None:
            scene.note("lines were not measured: coverage is not installed where the tests run")
            return
        self._library = import_module("coverage")
        self._is_waiting = True

    def _start(self, scene: Scene) -> None:
        """Measure from here on, unless somebody does already."""
        library = self._library
        if library.Coverage.current() is not None:
            return
        self._coverage = library.Coverage(
            data_file=None, branch=True, config_file=False, include=[f"{scene.code.root}/*"],
            check_preimported=False, messages=False, concurrency=_concurrency(),
        )  # fmt: skip
        self._coverage.set_option("run:disable_warnings", ["no-data-collected", "module-not-measured"])
        self._coverage.start()
        atexit.register(
            self.uninstall
        )  # of its own accord it closes its data before anybody else's turn comes

    def uninstall(self) -> None:
        """Stop, and tell of each test what it ran."""
        atexit.unregister(self.uninstall)
        if self._coverage is None or self._scene is None:
            return
        self._coverage.stop()
        found = lines_by_context(self._coverage.get_data(), self._scene.code)
        for context, test in self._tests.items():
            if context in found:
                self._scene.late(test, {"lines": found[context]})
        self._coverage = None

    def begin(self, test: RunningTest) -> None:
        """What runs from here on is the test's."""
        if self._is_waiting and self._scene is not None:
            self._is_waiting = False
            self._start(self._scene)
        if self._coverage is not None:
            context = f"{test.id}|{test.repeat}"
            self._tests[context] = test
            self._coverage.switch_context(context)

    def end(self, test: RunningTest) -> Part:  # noqa: ARG002
        """What runs between tests is nobody's."""
        if self._coverage is not None:
            self._coverage.switch_context("")
        return {}


def lines_by_context(data: Any, code: ProjectCode) -> dict[str, tuple[LinesRun, ...]]:
    """What ran in each context, without the files of the tests themselves.

    Args:
        data: A `CoverageData`.
        code: Tells which files are the project's.
    """
    found: dict[str, dict[str, set[int]]] = {}
    files: dict[str, str] = {}
    for file in sorted(data.measured_files()):
        path = code.relative(file)
        if not path or is_for_tests(path):
            continue
        files[path] = file
        for line, contexts in data.contexts_by_lineno(file).items():
            for context in filter(None, contexts):
                found.setdefault(context, {}).setdefault(path, set()).add(line)
    return {
        context: tuple(
            LinesRun(
                path=path,
                lines=write_lines(line for line in lines if line > 0),
                branches=write_branches(_branches(data, files[path], context)),
            )
            for path, lines in sorted(by_path.items())
        )
        for context, by_path in found.items()
    }


def _branches(data: Any, file: str, context: str) -> list[tuple[int, int]]:
    """Arcs from a line to another, without those by which a function is entered; none where only lines were measured."""
    if not data.has_arcs():
        return []
    data.set_query_context(context)
    arcs = data.arcs(file) or []
    data.set_query_contexts(None)
    return [(start, end) for start, end in arcs if start > 0 and start != end]


def _concurrency() -> list[str]:
    return ["thread", "greenlet"] if find_spec("greenlet") is not None else ["thread"]
