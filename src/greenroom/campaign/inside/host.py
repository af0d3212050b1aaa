"""The plugin that takes a collected pytest session over, and runs some of its tests."""

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.campaign.inside import children
from greenroom.campaign.inside.alteration import Alteration
from greenroom.campaign.inside.configuration import override
from greenroom.campaign.inside.forking import Forking
from greenroom.campaign.inside.line_trace import Context, LineTrace
from greenroom.campaign.inside.performance import Performance, Say
from greenroom.campaign.inside.unique import NUMBER, Unique
from greenroom.campaign.messages import Job, Order
from greenroom.record.project_code import ProjectCode

if TYPE_CHECKING:
    from greenroom.campaign.inside.sensing import Sensing


class Host:
    """Registered with one pytest process, which ends without pytest's own last words."""

    def __init__(self, order: Order, take_over: Callable[[pytest.Session], None]) -> None:
        """Prepare.

        Args:
            order: What the process is for.
            take_over: Called instead of running the tests; the process ends when it returns.
        """
        self.code = ProjectCode(order.root)
        self.alteration = Alteration(order.root, self.code)
        self.errors: list[dict[str, str]] = []
        """Modules that could not be imported."""
        self._deselected: list[str] = []
        self._order = order
        self._take_over = take_over
        self._performance: Performance | None = None
        self._items: dict[str, pytest.Item] = {}
        wanted = {path: frozenset(lines) for path, lines in order.wanted.items()}
        self._trace = LineTrace(wanted, self.code.relative)
        self._imported = Context("import")
        self._forking = Forking(self.code)
        self._unique = Unique(self.code.relative)

    def before_import(self) -> None:
        """The project is not loaded yet: what runs from here until tests are collected is run by its import."""
        self._unique.start()
        self._trace.context = self._imported
        if self._order.wanted:
            self._trace.notice_defaults()
            self._trace.start()

    # Hooks

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config, args: list[str]) -> None:
        """Plugins are loaded, the project is not."""
        override(early_config, args)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be imported makes a suite red."""
        if report.failed:
            self.errors.append({"id": report.nodeid, "error": _last_line(str(report.longrepr))})

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Somebody does not want these to run."""
        self._deselected += [item.nodeid for item in items]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Take over; the process ends here."""
        self._trace.stop()
        self._unique.stop()
        session.config.option.maxfail = 0
        self.take_seat(session, self._order)
        self._take_over(session)
        os._exit(0)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """See a failure before anybody spends time on putting it into words."""
        outcome: Any = yield
        error = outcome.excinfo[1] if outcome.excinfo else None
        if error is not None and self._performance and self._performance.ended_with(item, error):
            outcome.force_result([])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase has ended."""
        if self._performance:
            self._performance.report(report)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        """What the set-up of a shared fixture runs is run for all who use it."""
        if self._performance is None or fixturedef.scope == "function":
            yield
            return
        with self._performance.setting_up(_name(fixturedef)):
            yield

    # What the session is asked

    def take_seat(self, session: pytest.Session, order: Order) -> None:
        """Work for this slot from now on."""
        self._order = order
        if order.slot is not None:
            os.environ[NUMBER] = f"gw{order.slot}"
            session.config.workerinput = {"workerid": f"gw{order.slot}"}  # type: ignore[attr-defined]

    def collected(self, session: pytest.Session) -> dict[str, Any]:
        """The tests, and what the import of the project has done."""
        lines: dict[str, list[int]] = {}
        for path, line in sorted(self._imported.lines):
            lines.setdefault(path, []).append(line)
        return {
            "tests": [{"id": item.nodeid, "shared": _shared_fixtures(item)} for item in session.items],
            "errors": self.errors,
            "deselected": self._deselected,
            "imported": lines,
            "run_by_import": sorted(self._imported.files),
            "unsafe": self._forking.unsafe(),
            "libraries": self._foreign(set(sys.modules)),
            "doubtful": self._forking.doubtful(),
            "unique": self._unique.is_so,
        }

    def settle(self, session: pytest.Session) -> None:
        """Look through this process now, so that the children that are forked from here on need not."""
        self.alteration.find_functions()
        self._items = _by_id(session)

    def perform(self, session: pytest.Session, job: Job, say: Say) -> dict[str, Any]:
        """Run the job's tests; the parts of an answer that are known in here."""
        trace = self._trace if job.observe else None
        self._performance = Performance(job, say, self.code.relative, trace)
        if trace is not None:
            children.announce(self._order, trace)
            trace.notice_system()
            trace.start()
        known = set(sys.modules) if trace is not None else set()
        items = self._items or _by_id(session)
        sensing = self._watch(session) if job.sensors else None
        told = self._performance.run([items[name] for name in job.tests if name in items])
        if sensing is not None:
            told["sensed"] = sensing.finish()
        if trace is not None:
            trace.stop()
            say("late", {"modules": self._foreign(set(sys.modules) - known)})
        if self.alteration.is_broken:
            return {"ending": "broken", "error": told.get("error", "")}
        return told

    def _watch(self, session: pytest.Session) -> "Sensing":
        """Put the recorder's sensors around the tests."""
        from greenroom.campaign.inside.sensing import Sensing  # noqa: PLC0415  - few jobs want them

        sensing = Sensing(self.code, self._order.scratch)
        session.config.pluginmanager.register(sensing)
        return sensing

    def _foreign(self, names: set[str]) -> list[str]:
        """Modules that are not the project's, in the order in which they were imported."""
        files = {name: str(getattr(module, "__file__", "")) for name, module in list(sys.modules.items())}
        return [name for name, file in files.items() if name in names and not self.code.relative(file)]


def _by_id(session: pytest.Session) -> dict[str, pytest.Item]:
    return {item.nodeid: item for item in reversed(session.items)}


def _shared_fixtures(item: pytest.Item) -> list[str]:
    info = getattr(item, "_fixtureinfo", None)
    known = info.name2fixturedefs if info is not None else {}
    return sorted({_name(found[-1]) for found in known.values() if found and found[-1].scope != "function"})


def _name(fixture: Any) -> str:
    return f"{fixture.baseid}::{fixture.argname}"


def _last_line(told: str) -> str:
    """What was raised; all that pytest says of two files of one name, which it ends with a hint."""
    if told.startswith("import file mismatch"):
        return " ".join(told.split())
    lines = told.strip().splitlines()
    return lines[-1] if lines else ""
