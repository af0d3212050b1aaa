"""The recorder inside pytest: tells the session which test runs, and how it ended.

Every hook delegates, and none lets an error out: what goes wrong here is a note of the run.
"""

import functools
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from greenroom.pytest_plugin.verdict import Verdict
from greenroom.record import environment
from greenroom.record.journal import Journal
from greenroom.record.project_code import ProjectCode
from greenroom.record.run_folder import RunFolder, python_version, root_of
from greenroom.record.sensor import RunningTest
from greenroom.record.session import Session, told

_OF_RUNNERS = ("_pytest.", "pytest_asyncio.", "anyio.", "pytest_django.", "faker.")
"""Modules of fixtures that change nothing which a test could leave."""


def _safely(hook: Callable[..., None]) -> Callable[..., None]:
    """A step of a hook whose errors become a note."""

    @functools.wraps(hook)
    def step(recorder: "Recorder", *arguments: Any, **words: Any) -> None:
        try:
            hook(recorder, *arguments, **words)
        except Exception as error:  # noqa: BLE001  - a recorder never fails a test
            recorder.note(f"the recorder failed in {hook.__name__.strip('_')}: {told(error)}")

    return step


class Recorder:
    """Registered with one pytest process: the only one, xdist's controller, or one of its workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._own_run = None if environment.RUN in os.environ else RunFolder(config.rootpath)
        self.folder = os.environ.get(environment.RUN) or str(self._own_run and self._own_run.path)
        self._worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        self._notes: list[str] = []
        code = ProjectCode(root_of(self.folder))
        self._session = Session(Journal(self.folder, self._worker or "main"), code, worker=self._worker)
        self._pytest_session: pytest.Session | None = None
        self._paths: dict[Path, str] = {}
        self._verdict = Verdict(code)
        self._count = 0

    def note(self, text: str) -> None:
        """Something the recorder could not do."""
        self._notes.append(text)
        self._session.note(text)

    @_safely
    def install(self) -> None:
        """Start the sensors; stop them last of all, after pytest has collected the garbage of the run."""
        self._config.add_cleanup(self._finish)
        self._session.install(environment.without(os.environ), environment.also(os.environ))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Begin the run, and have processes that are started from here join it."""
        self._pytest_session = session
        self._open()

    @_safely
    def _open(self) -> None:
        if self._own_run is not None:
            self._own_run.open(["pytest", *map(str, self._config.invocation_params.args)])
            environment.announce(os.environ, self.folder)
        prefix = self._session.code.relative(str(self._config.rootpath))
        if prefix:
            os.environ[environment.PREFIX] = f"{prefix}/"
        self._session.open(python=python_version(), executable=sys.executable)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
        """One test, set-up and tear-down included."""
        self._begin(item)
        yield
        self._end(nextitem is not None)

    @_safely
    def _begin(self, item: pytest.Item) -> None:
        self._count += 1
        self._verdict.begin(item)
        function = getattr(item, "function", None)
        self._session.begin(
            RunningTest(id=self._id(item.nodeid, item.path), function=function, follows=self._count > 1)
        )

    @_safely
    def _end(self, is_followed: bool) -> None:  # noqa: FBT001  - hooks pass what they have by its place
        test = self._session.test
        if test is not None:
            test.passed = self._verdict.has_passed
            self._session.end(self._verdict.told(), is_followed=is_followed)

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> None:
        """A fixture is set up; not one that stands already."""
        test = self._session.test
        if test is not None and fixturedef.scope != "function" and not test.has_wider_fixture:
            test.has_wider_fixture = not str(fixturedef.func.__module__).startswith(_OF_RUNNERS)

    def pytest_runtest_makereport(self, call: pytest.CallInfo[Any]) -> None:
        """See the exception itself, of which the report has the text only; after unittest has put it there."""
        if call.excinfo is not None:
            self._take_error(call.excinfo.value)

    @_safely
    def _take_error(self, error: BaseException) -> None:
        self._verdict.raised(error)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """How a phase ended. The controller of xdist is told of all workers' tests, and runs none itself."""
        if self._session.test is not None:
            self._take_report(report)

    @_safely
    def _take_report(self, report: pytest.TestReport) -> None:
        self._verdict.take(report)
        test = self._session.test
        if test is None:
            return
        test.phase = "call" if report.when == "setup" else "teardown"
        if str(report.outcome) == "rerun":
            self._end(is_followed=True)
            self._verdict.again()
            self._session.begin(RunningTest(id=test.id, function=test.function))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that was skipped as a whole, or could not be imported; all workers see the same."""
        is_told = self._worker in ("", "gw0") and not self._config.pluginmanager.has_plugin("dsession")
        if report.outcome != "passed" and is_told:
            self._take_module(report)

    @_safely
    def _take_module(self, report: pytest.CollectReport) -> None:
        found = self._verdict.of_module(report)
        path = self._config.rootpath / report.nodeid.partition("::")[0]
        self._session.begin(RunningTest(id=self._id(report.nodeid, path), phase="collect"))
        self._session.end(found)

    def _id(self, nodeid: str, path: Path) -> str:
        """The node id as it would be if pytest's root were the project's: the audit's ids begin there."""
        if path not in self._paths:
            self._paths[path] = self._session.code.relative(str(path))
        relative = self._paths[path]
        _, separator, rest = nodeid.partition("::")
        return f"{relative}{separator}{rest}" if relative else nodeid

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Who asked pytest itself is told by pytest; `greenroom record` speaks for itself."""
        if self._own_run is not None:
            where = os.path.relpath(self.folder, self._config.invocation_params.dir)
            terminalreporter.write_line(f"greenroom: recorded in {where}")
            for note in self._notes:
                terminalreporter.write_line(f"greenroom: {note}")

    @_safely
    def _finish(self) -> None:
        code = int(self._pytest_session.exitstatus) if self._pytest_session is not None else None
        self._session.finish(exit_code=code, tests=self._count)
        if self._own_run is not None and code is not None:
            environment.withdraw(os.environ)
            self._own_run.close(code)
            self._remember()

    @_safely
    def _remember(self) -> None:
        """Take the run into the store, as `greenroom record` does; the tests are over, and so is the hurry."""
        from greenroom import api  # noqa: PLC0415  - all of Greenroom, which no test of the suite is to wait for

        root = root_of(self.folder)
        recording = api.recording(self.folder, root)
        if recording.tests:
            api.remember_run(recording, root, api.configure(root))
