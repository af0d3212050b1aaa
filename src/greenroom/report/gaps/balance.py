"""Strengths and weaknesses: the counts of the score that are high and low, with an example each."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.model.finding import Severity
from greenroom.model.mode import Family
from greenroom.model.score import Bar, Fact
from greenroom.report.gaps.asked import ROUTE_BARS, Asked, AskedRoutes
from greenroom.report.gaps.examples import Examples
from greenroom.report.gaps.section import Item, Section
from greenroom.report.request import ReportRequest

_STRONG: Final = 0.8
"""From this share on a count is a strength."""
_WEAK: Final = 0.5
"""Below it a count is a weakness: the share below which the matrix calls a cell poor."""


class _Count(NamedTuple):
    label: str
    counted: Bar | Fact
    family: Family

    @property
    def share(self) -> float:
        return self.counted.achieved / self.counted.total


def strengths(request: ReportRequest, examples: Examples) -> Section:
    """Counts of at least four fifths, the highest first; no family of which something severe was found."""
    severe = {finding.code[:3] for finding in request.shown if finding.severity is Severity.HIGH}
    chosen = sorted(
        (
            each
            for each in _counts(request)
            if each.share >= _STRONG and (isinstance(each.counted, Bar) or each.family not in severe)
        ),
        key=lambda each: -each.share,
    )
    return Section(
        title="Strengths",
        lead="Counts of the score that reach four fifths, the highest first; none of a family with severe findings."
        if chosen
        else "None: no count of the score reaches four fifths without severe findings beside it.",
        items=tuple(_item(each, examples, is_strength=True) for each in chosen),
    )


def weaknesses(request: ReportRequest, examples: Examples) -> Section:
    """Counts of less than half, the lowest first."""
    chosen = sorted(
        (each for each in _counts(request) if each.share < _WEAK and not _may_be_more(request, each)),
        key=lambda each: each.share,
    )
    return Section(
        title="Weaknesses",
        lead="Counts of the score that are below one half, the lowest first."
        if chosen
        else "None: no count of the score is below one half.",
        items=tuple(_item(each, examples, is_strength=False) for each in chosen),
    )


def _may_be_more(request: ReportRequest, count: _Count) -> bool:
    """Whether routes of which reading tells nothing could lift the count to one half."""
    if count.label not in ROUTE_BARS or count.counted.measured:
        return False
    asked = AskedRoutes(request.audit)
    sockets = count.label == ROUTE_BARS[1]
    unknown = sum(
        asked.of(route) is Asked.UNKNOWN
        for route in request.audit.routes
        if (route.method == "WEBSOCKET") is sockets
    )
    return count.counted.achieved + unknown >= _WEAK * count.counted.total


def _counts(request: ReportRequest) -> Iterator[_Count]:
    """Bars, then the facts of families that no bar tells already."""
    score = request.audit.score
    bars = [bar for bar in score.bars if bar.total]
    for bar in bars:
        yield _Count(bar.name, bar, Family.TESTS)
    told = {(bar.achieved, bar.total, bar.name.removeprefix("dependency ")) for bar in bars}
    for family in score.families:
        if family.family is Family.TESTS:
            continue
        for fact in family.facts:
            key = (fact.achieved, fact.total, fact.name)
            if fact.total and key not in told:
                told.add(key)
                yield _Count(f"{family.family.words}: {fact.name}", fact, family.family)


def _item(count: _Count, examples: Examples, *, is_strength: bool) -> Item:
    counted = count.counted
    figure = f"{counted.achieved:,} of {counted.total:,}{', measured' if counted.measured else ''}"
    if isinstance(counted, Bar):
        return examples.of_bar(counted, count.label, f"{figure}.", covered=is_strength)
    text = f"{figure}: {counted.explanation.rstrip('.')}."
    if is_strength:
        return Item(label=count.label, text=text)
    return examples.of_family(count.family, count.label, text)
