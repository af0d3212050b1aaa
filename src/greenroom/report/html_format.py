"""One HTML file that a team lead would forward: nothing to fetch, nothing to install."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from greenroom.model.finding import Confidence, Finding, Severity
from greenroom.model.place import Place
from greenroom.model.test_case import Interface, TestCase
from greenroom.report.closing import hidden_sentence, shown_sentence, sorted_kinds
from greenroom.report.evidence import evidence_sentences
from greenroom.report.frame import FrameLine, source_frame
from greenroom.report.full import REACHED_FROM
from greenroom.report.gaps.gap_report import gap_sections
from greenroom.report.matrix import QUESTIONS, matrix
from greenroom.report.noticed import escape_sentence, noticed_sentences
from greenroom.report.page import page
from greenroom.report.ranking import (
    CONFIDENCE_ORDER,
    REACH_ORDER,
    SEVERITY_ORDER,
    by_urgency,
    fix_first,
)
from greenroom.report.request import ReportRequest

_MOST_FRAMES: Final = 3_000
"""Findings which get a source frame, the most urgent first: a page must stay light."""

_INTERFACES: Final = {
    Interface.REAL: "over a real interface",
    Interface.IN_PROCESS: "in the same process",
    Interface.DIRECT: "call production code",
    Interface.MOCKED: "meet doubles only",
    Interface.SELF: "test their own code",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A place with the line of source that stands there."""

    place: Place
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A finding as the page shows it."""

    anchor: str
    finding: Finding
    consequence: str
    remedy: str
    escaped: str
    frame: tuple[FrameLine, ...]
    chain: tuple[Hop, ...]
    sites: tuple[Hop, ...]
    severity_rank: int
    confidence_rank: int
    reach_rank: int
    reached: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceClass:
    """How many tests meet the product over one interface."""

    interface: Interface
    title: str
    number: int
    running: int
    share: float


def render(request: ReportRequest) -> str:
    """The page."""
    entries = _entries(request)
    anchors = {id(entry.finding): entry.anchor for entry in entries}
    return page(
        "report.html.j2",
        audit=request.audit,
        options=request.options,
        entries=entries,
        first=[(anchors[id(each)], each) for each in fix_first(request.shown)],
        codes=sorted({(each.code, each.name) for each in request.audit.findings}),
        severities=list(Severity),
        confidences=list(Confidence),
        gaps=gap_sections(request),
        matrix=matrix(request),
        questions=QUESTIONS,
        classes=_classes(request.audit.tests),
        evidence=[*evidence_sentences(request.audit), *noticed_sentences(request.audit)],
        shown_sentence=shown_sentence(request),
        hidden_sentence=hidden_sentence(request),
        shown_number=len(request.shown),
        files=sum(request.audit.project.files.values()),
        kinds=[(kind, number) for kind, number in sorted_kinds(request.audit.project) if number],
    )


def _entries(request: ReportRequest) -> list[Entry]:
    ordered = by_urgency(request.shown)
    ordered += by_urgency(each for each in request.audit.findings if not each.shown)
    return [
        _entry(request, finding, f"f{number}", framed=number <= _MOST_FRAMES)
        for number, finding in enumerate(ordered, start=1)
    ]


def _entry(request: ReportRequest, finding: Finding, anchor: str, *, framed: bool) -> Entry:
    lines = request.lines(finding.place.path) if framed else ()
    return Entry(
        anchor=anchor,
        finding=finding,
        consequence=request.consequence(finding),
        remedy=request.remedy(finding),
        escaped=escape_sentence(finding),
        frame=source_frame(lines, finding.place, finding.end_line),
        chain=_hops(request, finding.chain),
        sites=_hops(request, finding.sites),
        severity_rank=SEVERITY_ORDER[finding.severity],
        confidence_rank=CONFIDENCE_ORDER[finding.confidence],
        reach_rank=REACH_ORDER[finding.reach],
        reached=REACHED_FROM[finding.reach],
    )


def _hops(request: ReportRequest, places: Sequence[Place]) -> tuple[Hop, ...]:
    return tuple(Hop(place=place, source=_source(request, place)) for place in places)


def _source(request: ReportRequest, place: Place) -> str:
    frame = source_frame(request.lines(place.path), place, before=0, after=0)
    return frame[0].text.strip() if frame else ""


def _classes(tests: Sequence[TestCase]) -> list[InterfaceClass]:
    numbers = Counter(test.interface for test in tests)
    running = Counter(test.interface for test in tests if test.runs)
    return [
        InterfaceClass(
            interface=interface,
            title=title,
            number=numbers[interface],
            running=running[interface],
            share=numbers[interface] / len(tests) if tests else 0.0,
        )
        for interface, title in _INTERFACES.items()
    ]
