"""The plan: what to do first, second and third."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from greenroom.model.finding import Finding, Reach, Severity
from greenroom.model.mode import Family
from greenroom.model.score import Bar
from greenroom.report.gaps.asked import Asked
from greenroom.report.gaps.examples import Examples
from greenroom.report.gaps.names import named
from greenroom.report.gaps.risks import CriticalRoute
from greenroom.report.gaps.section import Item, Section
from greenroom.report.ranking import by_urgency
from greenroom.report.request import ReportRequest
from greenroom.report.text import count, joined, sentence

_ELSEWHERE: Final = frozenset({Reach.TEST, Reach.UNREACHED})
"""No entry point of production leads there."""
_WORK: Final = {
    "dependencies crossed for real": ("Cross", "for real in a test"),
    "dependency failures provoked": ("Make", "fail in a test"),
}


class Priority(StrEnum):
    """When to do it."""

    P0 = "P0"
    """Before the next release."""
    P1 = "P1"
    P2 = "P2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do."""

    priority: Priority
    code: str
    """Of the failure mode whose findings go; empty where a test is to be written."""
    findings: tuple[Finding, ...]
    """All that are shown of this code, the most urgent first."""
    item: Item


def plan(request: ReportRequest, routes: tuple[CriticalRoute, ...], examples: Examples) -> tuple[Step, ...]:
    """A step for each code that is shown, and for tests that are missing; by priority, then by number of severe findings."""
    by_code: dict[str, list[Finding]] = defaultdict(list)
    for finding in by_urgency(request.shown):
        by_code[finding.code].append(finding)
    mending = [_mend(request, findings, examples) for findings in by_code.values()]
    mending.sort(key=lambda step: (step.priority, -_severe(step), -len(step.findings), step.code))
    steps = [*_untested(request, routes), *_missing_tests(request.audit.score.bars), *mending]
    return tuple(sorted(steps, key=lambda step: step.priority))


def plan_section(steps: tuple[Step, ...]) -> Section:
    """The steps as they are written."""
    if not steps:
        return Section(title="Plan", lead="Nothing to do: no finding is shown, and no test is missing.")
    found = Counter(step.priority for step in steps)
    numbers = [f"{found[each]} {each}" for each in Priority if found[each]]
    return Section(
        title="Plan",
        lead=f"{count(len(steps), 'step')}: {joined(numbers)}. "
        "P0 before the next release: severe, and where production runs. P1 next: severe elsewhere, of medium severity where production runs, and tests to write. P2: the rest.",
        items=tuple(step.item for step in steps),
    )


def priority_of(finding: Finding) -> Priority:
    """P0: severe, in code that production runs. P1: severe in tests or elsewhere, or of medium severity in production. P2: the rest."""
    runs = finding.reach not in _ELSEWHERE and not finding.code.startswith(Family.TESTS)
    if finding.severity is Severity.HIGH:
        return Priority.P0 if runs else Priority.P1
    return Priority.P1 if runs and finding.severity is Severity.MEDIUM else Priority.P2


def _mend(request: ReportRequest, findings: list[Finding], examples: Examples) -> Step:
    """A code is as urgent as its most urgent finding: one habit is mended in one go, and a gate can name it."""
    priority = min(map(priority_of, findings))
    first = min(findings, key=priority_of)
    mode = request.modes.get(first.code)
    meaning = f": {mode.summary.rstrip('.')}" if mode is not None else ""
    remedy = (mode.remedy if mode is not None else "") or request.remedy(first)
    severities = [
        f"{number:,} {each}"
        for each in Severity
        if (number := sum(finding.severity is each for finding in findings))
    ]
    item = Item(
        label=priority,
        text=f"{first.code} {first.name}{meaning}. {count(len(findings), 'finding')} ({', '.join(severities)}); first:",
        place=first.place,
        source=examples.source(first.place),
        notes=(sentence(remedy),) if remedy else (),
    )
    return Step(priority=priority, code=first.code, findings=tuple(findings), item=item)


def _untested(request: ReportRequest, routes: tuple[CriticalRoute, ...]) -> list[Step]:
    """Critical routes that no test requests: most urgent where the team itself called them critical."""
    untested = [route for route in routes if route.place is not None and route.asked is Asked.NO]
    if not untested:
        return []
    priority = Priority.P0 if request.audit.critical else Priority.P1
    worth = sum(route.worth for route in untested)
    text = f"Request {len(untested):,} of {len(routes):,} critical routes in a test, over HTTP or a socket (worth {worth:,}): {named([route.name for route in untested])}."
    return [Step(priority=priority, code="", findings=(), item=Item(label=priority, text=text))]


def _missing_tests(bars: tuple[Bar, ...]) -> list[Step]:
    return [
        Step(
            priority=Priority.P1,
            code="",
            findings=(),
            item=Item(
                label=Priority.P1,
                text=_work(bar),
            ),
        )
        for bar in bars
        if bar.name in _WORK and bar.missing
    ]


def _work(bar: Bar) -> str:
    verb, how = _WORK[bar.name]
    return f"{verb} {len(bar.missing):,} of {bar.total:,} dependencies {how}: {named(bar.missing)}."


def _severe(step: Step) -> int:
    return sum(finding.severity is Severity.HIGH for finding in step.findings)
