"""What a run says of the findings about tests: those that it refutes are hidden, those that it confirms are definite.

A run proves what happened in it, no more: a skip that did not happen this time may happen elsewhere, and an
`except` that was not entered may be entered tomorrow. Such findings can be confirmed, and not refuted.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from greenroom.detect.observed.points import SeenPoints
from greenroom.detect.observed.seen_run import SeenRun
from greenroom.detect.observed.seen_test import SeenTest
from greenroom.model.evidence import Outcome
from greenroom.model.finding import Confidence, Finding
from greenroom.model.integration_point import IntegrationPoint
from greenroom.model.place import Place

REFUTED = "refuted by the recorded run"
"""What `hidden_because` begins with."""
_NOT_AWAITED = ("no async plugin", "async def function", "natively supported")


class Judgement:
    """Judges findings by what a run observed."""

    def __init__(self, seen: SeenRun, points: SeenPoints) -> None:
        self._seen = seen
        self._points = points
        self._by_function: dict[tuple[str, str], list[SeenTest]] = {}
        self._named: set[tuple[str, str]] = set()
        """All test functions of the audit."""
        ids = Counter(item.id for item in seen.project.suite.items)
        for item in seen.project.suite.items:
            key = (item.function.path, item.function.qualname)
            self._named.add(key)
            test = seen.tests.get(item.id)
            if test is not None and ids[item.id] == 1:  # of two with one name the run does not say which
                self._by_function.setdefault(key, []).append(test)

    def of(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The same findings in the same order, some of them hidden, some of them definite now."""
        return tuple(self._judged(finding) for finding in findings)

    def _judged(self, finding: Finding) -> Finding:
        judge = _JUDGES.get(finding.code)
        if judge is None or not self._seen.tests:
            return finding
        because = judge(self, finding)
        if because is None:
            return finding
        if because:
            return replace(finding, shown=False, hidden_because=f"{REFUTED}: {because}")
        return replace(finding, confidence=Confidence.DEFINITE)

    def _tests_of(self, finding: Finding) -> list[SeenTest]:
        """The tests that a finding is about, as far as the run has them."""
        places = (finding.place, *finding.sites)
        return [test for place in places for test in self._of_place(place)]

    def _of_place(self, place: Place) -> list[SeenTest]:
        return self._by_function.get((place.path, place.symbol), [])

    def asserts_nothing(self, finding: Finding) -> str | None:
        tests = [test for test in self._tests_of(finding) if test.ran]
        if not tests or not self._seen.has_sensor("assertions"):
            return None
        executed = sum(part.assertions for test in tests for part in test.parts)
        if executed:
            return f"{executed} assertions were executed in it"
        sure = finding.confidence is not Confidence.POSSIBLE and all(test.passed for test in tests)
        return "" if sure else None

    def never_awaited(self, finding: Finding) -> str | None:
        tests = self._tests_of(finding)
        if not tests or not self._seen.has_sensor("never_awaited"):
            return None
        if all(_was_left(test) for test in tests):
            return ""
        ran = all(test.passed and not _was_left(test) for test in tests)
        return "its body was awaited" if ran and self._has_all(finding) else None

    def never_collected(self, finding: Finding) -> str | None:
        return "the run contained what it names" if self._has_all(finding) else None

    def _has_all(self, finding: Finding) -> bool:
        """Whether the run contained each test that the finding names, and there is one."""
        places = {(place.path, place.symbol) for place in (finding.place, *finding.sites)}
        named = places & self._named
        return bool(named) and named <= self._by_function.keys()

    def skips(self, finding: Finding) -> str | None:
        parts = [part for test in self._tests_of(finding) for part in test.parts]
        happened = any(
            part.outcome is Outcome.SKIPPED and part.skip is not None and part.skip.infrastructure
            for part in parts
        )
        return "" if happened and finding.confidence is not Confidence.POSSIBLE else None

    def mocked_boundary(self, finding: Finding) -> str | None:
        point = self._point_of(finding)
        if point is None:
            return self._misshapen(finding)
        met = self._points.meetings(point)
        real = [test for test, each in met if each.real and not each.failure]
        if real:
            return f"{real[0].id} crossed the real {point.name}"
        told = {test.id for test, each in met if each.double}
        doubled = frozenset(point.tests_doubled)
        is_whole = bool(told) and doubled <= self._seen.tests.keys() and not doubled & self._seen.out_of_sight
        believed = finding.confidence is not Confidence.POSSIBLE
        return "" if is_whole and believed else None

    def _misshapen(self, finding: Finding) -> str | None:
        lines = {(place.path, place.line) for place in (finding.place, *finding.sites)}
        seen = any(
            each.place is not None
            and (each.place.path, each.place.line) in lines
            and (each.missing or each.unlike)
            for test in self._tests_of(finding)
            for part in test.parts
            for each in part.replacements
        )
        return "" if seen else None

    def happy_path(self, finding: Finding) -> str | None:
        point = self._point_of(finding)
        if point is None:
            return None
        failed = [(test, each) for test, each in self._points.meetings(point) if each.failure and test.ran]
        if not failed:
            return None
        test, crossing = failed[0]
        return f"in {test.id} it failed with {crossing.failure}"

    def _point_of(self, finding: Finding) -> IntegrationPoint | None:
        points = self._seen.project.integration_points
        return next((point for point in points if finding.key.endswith(f":{point.name}")), None)


def _was_left(test: SeenTest) -> bool:
    """Whether the coroutine of the test itself was never awaited."""
    reasons = (part.skip.reason for part in test.parts if part.skip is not None)
    return test.was_left or any(word in reason for reason in reasons for word in _NOT_AWAITED)


_Judge = Callable[[Judgement, Finding], str | None]
"""Why the run refutes a finding; empty where it confirms it, None where it says nothing."""
_JUDGES: Mapping[str, _Judge] = MappingProxyType(
    {
        "TST001": Judgement.asserts_nothing,
        "TST004": Judgement.never_awaited,
        "TST005": Judgement.never_collected,
        "TST006": Judgement.skips,
        "TST008": Judgement.mocked_boundary,
        "TST009": Judgement.happy_path,
    }
)
