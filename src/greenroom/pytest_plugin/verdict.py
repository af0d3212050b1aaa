"""How a test ended, from the reports of its phases."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.model.outcome import Outcome
from greenroom.record.project_code import ProjectCode

if TYPE_CHECKING:
    from greenroom.record.skips import Skips

_PASSED = (Outcome.PASSED, Outcome.XPASSED)
_FAILED = (Outcome.FAILED, Outcome.ERROR)


class Verdict:
    """Filled phase by phase; one at a time, as tests of a process are."""

    def __init__(self, code: ProjectCode) -> None:
        self._code = code
        self._item: pytest.Item | None = None
        self._known: dict[str, Any] = {}
        self._error: BaseException | None = None

    @cached_property
    def _skips(self) -> "Skips":
        from greenroom.record.skips import Skips  # noqa: PLC0415  - most runs begin without any

        return Skips(self._code)

    def begin(self, item: pytest.Item) -> None:
        """Another test."""
        self._item = item
        self.again()

    def again(self) -> None:
        """The same test once more."""
        self._known = {}
        self._error = None

    @property
    def has_passed(self) -> bool:
        """Whether its body ran to its end."""
        return self._known.get("outcome") in _PASSED

    def told(self) -> dict[str, Any]:
        """What is known of the test; forgets the error, which holds frames."""
        self._error = None
        return {"outcome": Outcome.UNFINISHED, **self._known}

    def raised(self, error: BaseException) -> None:
        """A phase ended with this exception; its report follows."""
        self._error = error

    def take(self, report: pytest.TestReport) -> None:
        """One phase has ended."""
        known, phase = self._known, str(report.when)
        known[phase] = known[phase] + report.duration if phase in known else report.duration
        if phase == "setup":
            known["started"] = report.start
        if report.outcome != "passed" or phase == "call":
            outcome = _outcome(report, phase)
            if outcome is not None and known.get("outcome") not in _FAILED:
                known["outcome"] = outcome
                if outcome is not Outcome.PASSED or self._error is not None:
                    self._explain(report, outcome)
        self._error = None

    def _explain(self, report: pytest.TestReport, outcome: Outcome) -> None:
        if outcome in (Outcome.SKIPPED, Outcome.XFAILED):
            self._known["skip"] = self._skips.of_test(self._item, self._error, report)
        is_failure = self._error is not None and type(self._error).__name__ not in ("Skipped", "XFailed")
        if self._error is not None and is_failure:
            self._known["failure"] = _name(self._error)

    def of_module(self, report: pytest.CollectReport) -> dict[str, Any]:
        """A module that was not collected."""
        if report.outcome == "skipped":
            return {"outcome": Outcome.SKIPPED, "skip": self._skips.of_module(report)}
        return {"outcome": Outcome.ERROR, "failure": _last_word(str(report.longrepr))}


def _outcome(report: pytest.TestReport, phase: str) -> Outcome | None:
    """What a phase says that did not pass, or is the body's; None: no more about the test as a whole than was known."""
    expected, told = hasattr(report, "wasxfail"), str(report.outcome)
    if told == "passed":
        if type(report).__name__ != "TestReport":
            return None
        return Outcome.XPASSED if expected else Outcome.PASSED
    if told == "failed" or hasattr(report, "greenroom_quarantined"):
        return Outcome.FAILED if phase == "call" else Outcome.ERROR
    if told == "skipped":
        return Outcome.XFAILED if expected else Outcome.SKIPPED
    return Outcome.FAILED if told == "rerun" else None


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _last_word(text: str) -> str:
    """The type of the error that a traceback ends with."""
    lines = [line for line in text.splitlines() if line.startswith("E   ") and ":" in line]
    return lines[-1].removeprefix("E   ").strip().partition(":")[0] if lines else ""
