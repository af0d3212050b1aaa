"""Runs tests of a collected session in this process, and tells how they ended."""

import time
import unittest
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import times
from typing import Any

import pytest

from greenroom.campaign.inside.coroutine_tests import own_coroutine
from greenroom.campaign.inside.line_trace import ANYTHING, Context, LineTrace
from greenroom.campaign.inside.noticed_at import Relative, noticed_at, reported_at
from greenroom.campaign.messages import Job

Say = Callable[[str, Any], None]
"""Kind and content of a message to whoever watches this process."""

_GREEN = (pytest.skip.Exception, pytest.xfail.Exception, unittest.SkipTest)
_RERUNNING = ("rerunfailures", "flaky", "retry")
"""Plugins that give a test another chance: only their last report counts."""


@dataclass(slots=True)
class _Running:
    """The test that runs now."""

    item: pytest.Item
    outcome: str = ""
    seconds: float = 0.0
    work: float = 0.0
    failure: str = ""
    where: str = ""
    phase: str = ""


class Performance:
    """One job. Told by hooks of pytest what happens; see `Host`."""

    def __init__(self, job: Job, say: Say, relative: Relative, trace: LineTrace | None = None) -> None:
        self._job = job
        self._relative = relative
        self._say = say
        self._trace = trace
        self._shared: dict[str, Context] = {}
        self._costs: dict[str, float] = {}
        """The longest set-up of each shared fixture: a module's is set up once for each module."""
        self._test: _Running | None = None

    def run(self, items: Sequence[pytest.Item]) -> dict[str, Any]:
        """Run these tests; the parts of an `Answer` that are known here."""
        for position, item in enumerate(items):
            following = items[position + 1] if position + 1 < len(items) else None
            self._test = test = _Running(item)
            if not self._job.observe:
                self._keep_short(test)
            began = _work()
            self._say("at", (item.nodeid, began))
            with self._in_the_name_of(Context(item.nodeid, body=own_coroutine(item))) as context:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if self._trace is not None:
                    self._trace.keep_seeing()
            test.work = _work() - began
            if self._job.observe:
                self._say("test", _told(test, context))
            elif test.outcome == "failed":
                item.session._setupstate.teardown_exact(None)  # noqa: SLF001  - shared fixtures release what they hold
                return {
                    "ending": "failed", "test": item.nodeid, "error": test.failure, "phase": test.phase,
                    "where": test.where, "ran": position + 1,
                }  # fmt: skip
        for name, context in self._shared.items():
            self._say("shared", {"name": name, "cost": self._costs[name], **_seen(context)})
        return {"ending": "passed", "ran": len(items)}

    def ended_with(self, item: pytest.Item, error: BaseException) -> bool:
        """A test's body raised: whether that is its failure, and nobody needs to put it into words.

        What is taken down here is told at once: its tear-down may hang.
        """
        test = self._test
        if test is None or self._job.observe or isinstance(error, _GREEN) or _may_be_green(item):
            return False
        where = noticed_at(item, error, self._relative)
        self._fail(test, "call", f"{type(error).__name__}: {_first_line(error)}", where)
        return True

    def _keep_short(self, test: _Running) -> None:
        """Nobody reads a whole traceback, which takes ten times what the test does: wherever it fails, say it in a line."""

        def in_few_words(failure: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
            del style
            test.where = noticed_at(test.item, failure.value, self._relative)
            return f"{failure.typename}: {_first_line(failure.value)}"

        test.item.repr_failure = test.item._repr_failure_py = in_few_words  # type: ignore[method-assign, assignment]  # noqa: SLF001

    def report(self, report: pytest.TestReport) -> None:
        """A phase of the running test has ended."""
        test = self._test
        if test is None or report.nodeid != test.item.nodeid:
            return
        test.seconds += report.duration
        if report.failed:
            where = test.where or reported_at(test.item, report, self._relative)
            self._fail(test, str(report.when), _last_line(report), where)
        elif not test.outcome or (test.outcome == "passed" and report.skipped):
            expected = hasattr(report, "wasxfail")
            if report.skipped:
                test.outcome = "xfailed" if expected else "skipped"
                test.failure = _why_skipped(report)
            elif report.when == "call":
                test.outcome = "passed"
        if str(report.outcome) == "rerun":
            test.outcome = ""

    @contextmanager
    def setting_up(self, name: str) -> Iterator[None]:
        """A fixture that several tests share is set up."""
        if self._trace is None or not self._job.apart:
            yield
            return
        began = time.monotonic()
        with self._in_the_name_of(self._shared.setdefault(name, Context(f"shared {name}"))):
            yield
        self._costs[name] = max(self._costs.get(name, 0.0), time.monotonic() - began)

    @contextmanager
    def _in_the_name_of(self, context: Context) -> Iterator[Context]:
        if self._trace is None:
            yield context
            return
        before = self._trace.context
        self._trace.enter(context)
        try:
            yield context
        finally:
            self._trace.enter(before)

    def _fail(self, test: _Running, phase: str, why: str, where: str) -> None:
        if test.outcome != "failed":
            test.outcome, test.phase, test.failure, test.where = "failed", phase, why, where
            if not self._job.observe:
                told = {"test": test.item.nodeid, "phase": phase, "error": why, "where": where}
                self._say("failed", told)


def _work() -> float:
    """Seconds of processor time of this process and of those that it has waited for."""
    return sum(times()[:4])


def _may_be_green(item: pytest.Item) -> bool:
    """Whether somebody else decides what an exception means."""
    plugins = item.config.pluginmanager
    return item.get_closest_marker("xfail") is not None or any(map(plugins.has_plugin, _RERUNNING))


def _told(test: _Running, context: Context) -> dict[str, Any]:
    return {
        "id": test.item.nodeid, "outcome": test.outcome or "error", "seconds": test.seconds, "work": test.work,
        "failure": test.failure, "left": _was_left(test, context), **_seen(context),
    }  # fmt: skip


def _was_left(test: _Running, context: Context) -> bool:
    """Whether it has passed, and its coroutine was made and dropped."""
    is_known = context.body is not None and ANYTHING not in context.files
    return is_known and test.outcome == "passed" and not context.began


def _seen(context: Context) -> dict[str, Any]:
    return {
        "lines": _by_path(context.lines), "imports": _by_path(context.imports), "files": sorted(context.files),
        "ports": sorted(context.ports),
    }  # fmt: skip


def _by_path(found: set[tuple[str, int]]) -> dict[str, list[int]]:
    lines: dict[str, list[int]] = {}
    for path, line in sorted(found):
        lines.setdefault(path, []).append(line)
    return lines


def _first_line(error: BaseException) -> str:
    try:
        return (str(error).splitlines() or [""])[0][:200]
    except Exception:  # noqa: BLE001  - an exception whose text fails is an exception all the same
        return ""


def _why_skipped(report: pytest.TestReport) -> str:
    expected = getattr(report, "wasxfail", None)
    place = report.longrepr if isinstance(report.longrepr, tuple) else ("", 0, "")
    return str(expected if expected is not None else place[2]).removeprefix("Skipped: ")[:200]


def _last_line(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(getattr(crash, "message", "") or report.longrepr or "").strip()
    kind = "AssertionError: " if text.startswith("assert ") else ""  # which pytest leaves out now and then
    return kind + (text.splitlines() or [""])[0][:200]
