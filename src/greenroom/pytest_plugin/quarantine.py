"""Quarantine inside pytest: such a test runs, and its failure is told as an expected one."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from greenroom.record.quarantine import Quarantined, QuarantineError, read_quarantine
from greenroom.record.quarantine_file import find_quarantine


class Quarantine:
    """Registered with each pytest that was asked for it, in workers of xdist as well."""

    def __init__(self, config: pytest.Config) -> None:
        self._file = find_quarantine(config.rootpath)
        self._today = datetime.now(UTC).astimezone().date()
        try:
            self._entries = read_quarantine(self._file)
        except QuarantineError as error:
            raise pytest.UsageError(str(error)) from error
        self._met: dict[str, Quarantined] = {}

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """Let a failure count as expected, whichever phase it comes from."""
        outcome: Any = yield
        entry = self._entry(item) if self._entries else None
        if entry is None:
            return
        report = outcome.get_result()
        if report.failed and entry.holds(self._today):
            report.outcome = "skipped"
            report.wasxfail = f"quarantined until {entry.expires} ({entry.owner}): {entry.reason}"
            report.greenroom_quarantined = True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Which entries this run meets."""
        self._met = {entry.id: entry for item in session.items if (entry := self._entry(item)) is not None}

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say which entries hold no longer."""
        for entry in self._met.values() if self._met else self._entries:
            if not entry.holds(self._today):
                told = f"the quarantine of {entry.id} expired on {entry.expires} ({entry.owner}): it blocks again"
                terminalreporter.write_line(f"greenroom: {told}")

    def _entry(self, item: pytest.Item) -> Quarantined | None:
        _, separator, rest = item.nodeid.partition("::")
        test = os.path.relpath(item.path, Path(self._file).parent).replace(os.sep, "/") + separator + rest
        return next((entry for entry in self._entries if entry.covers(test)), None)
