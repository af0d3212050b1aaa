"""Root causes: why green tests do not notice, each with the counts that speak for it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from greenroom.detect.coverage.endpoints import spelled
from greenroom.model.audit import Audit
from greenroom.model.score import Bar
from greenroom.model.test_case import Interface
from greenroom.report.gaps.asked import Asked, AskedRoutes
from greenroom.report.gaps.names import named
from greenroom.report.gaps.section import Item, Section
from greenroom.report.request import ReportRequest
from greenroom.report.text import count, joined

_MARKED: Final = 0.5
"""A cause of which one count says so of half and more is marked."""
OVER_AN_INTERFACE: Final = (Interface.REAL, Interface.IN_PROCESS)
"""The labels of tests that come in as users do."""
_OTHERWISE: Final = {
    Interface.DIRECT: "calling production code directly",
    Interface.MOCKED: "meeting doubles only",
    Interface.SELF: "testing their own code",
}
_LOAD: Final = re.compile(
    r"\b(?:locust|k6|artillery|vegeta|wrk2?|jmeter|gatling|autocannon|drill|molotov|hey|ab)\b(?=\s|$)"
)


class Degree(StrEnum):
    """How far the counts speak for a cause."""

    MARKED = "marked"
    PARTLY = "partly"
    ABSENT = "not seen"
    UNKNOWN = "nothing to count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """`bad` of `total`, in words; a total of 0 where only cases are counted."""

    bad: int
    total: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One root cause, and what was counted for it."""

    name: str
    counts: tuple[Count, ...]
    remark: str = ""

    @property
    def degree(self) -> Degree:
        """By the highest share; cases alone make it `partly`."""
        if not self.counts:
            return Degree.UNKNOWN
        if any(each.total and each.bad >= _MARKED * each.total for each in self.counts):
            return Degree.MARKED
        return Degree.PARTLY if any(each.bad for each in self.counts) else Degree.ABSENT

    @property
    def told(self) -> list[str]:
        """The counts that speak for it; where none does, all."""
        return [each.words for each in self.counts if each.bad] or [each.words for each in self.counts]


def root_causes(request: ReportRequest) -> tuple[Cause, ...]:
    """The six causes that the field's reports name, the most marked first."""
    causes = (
        Cause(name="tunnel vision", counts=tuple(_tunnel_vision(request.audit))),
        Cause(name="happy path only", counts=tuple(_happy_path(request.audit))),
        Cause(name="mock overuse", counts=tuple(_mock_overuse(request))),
        Cause(name="environment mismatch", counts=tuple(_environment(request))),
        Cause(
            name="no chaos",
            counts=tuple(_chaos(request.audit)),
            remark="What the running system survives is not measured by an audit.",
        ),
        Cause(
            name="no load",
            counts=tuple(_load(request)),
            remark="Load that is made in another way than by these commands is not seen.",
        ),
    )
    return tuple(sorted(causes, key=lambda cause: list(Degree).index(cause.degree)))


def causes_section(causes: Iterable[Cause]) -> Section:
    """The causes as they are written."""
    items = tuple(
        Item(
            label=f"{cause.name} ({cause.degree})",
            text="; ".join(cause.told) + ".",
            notes=(cause.remark,) if cause.remark else (),
        )
        for cause in causes
        if cause.counts
    )
    silent = [cause.name for cause in causes if not cause.counts]
    lead = "Why green does not mean more than it does; marked: a count says so of half or more."
    return Section(
        title="Root causes",
        lead=f"{lead} Nothing to count for: {joined(silent)}." if silent else lead,
        items=items,
    )


def _tunnel_vision(audit: Audit) -> Iterator[Count]:
    running = [test for test in audit.tests if test.runs]
    numbers = Counter(test.interface for test in running)
    missed = len(running) - sum(numbers[each] for each in OVER_AN_INTERFACE)
    if running:
        parts = [f"{numbers[each]:,} {words}" for each, words in _OTHERWISE.items() if numbers[each]]
        told = f": {', '.join(parts)}" if parts else ""
        words = f"{missed:,} of {len(running):,} tests that run do not come in as users do{told}"
        yield Count(bad=missed, total=len(running), words=words)
    yield from _untested(audit)


def _untested(audit: Audit) -> Iterator[Count]:
    routes = [route for route in audit.routes if not route.is_mount]
    if not routes:
        return
    asked = AskedRoutes(audit)
    untested = [spelled(route) for route in routes if asked.of(route) is Asked.NO]
    unknown = sum(asked.of(route) is Asked.UNKNOWN for route in routes)
    words = f"{len(untested):,} of {len(routes):,} routes are requested by no test{_which(untested)}"
    if unknown:
        words += f", and of {unknown:,} it could not be read"
    yield Count(bad=len(untested), total=len(routes), words=words)


def _happy_path(audit: Audit) -> Iterator[Count]:
    bars = audit.score.bars
    yield from _missing(bars, "dependency failures provoked", "dependencies are made to fail by no test")
    yield from _missing(_measured(audit), "error paths", "`except` branches were entered in no recorded test")


def _mock_overuse(request: ReportRequest) -> Iterator[Count]:
    audit = request.audit
    running = [test for test in audit.tests if test.runs]
    if running:
        mocked = sum(test.interface is Interface.MOCKED for test in running)
        words = f"{mocked:,} of {len(running):,} tests that run meet doubles only"
        yield Count(bad=mocked, total=len(running), words=words)
    points = audit.integration_points
    if points:
        doubled = [point.name for point in points if point.tests_doubled and not point.tests_real]
        words = f"{len(doubled):,} of {len(points):,} dependencies are met through doubles only"
        yield Count(bad=len(doubled), total=len(points), words=words + _which(doubled))
    words = "doubles were used in ways that the real thing does not have"
    yield from _missing(_measured(audit), "doubles of the right shape", words)
    yield from _cases(request, ("TST007", "TST008"), "of doubles in the place of what is tested")


def _environment(request: ReportRequest) -> Iterator[Count]:
    bars = request.audit.score.bars
    infrastructure = "parts of the infrastructure configuration are started by no test or CI job"
    yield from _missing(bars, "infrastructure configuration", infrastructure)
    production = "production configurations are loaded by no test"
    yield from _missing(bars, "production configuration", production)
    yield from _missing(
        bars, "full initialisation", "phases and processes of the start are gone through by no test"
    )
    yield from _cases(request, ("CFG",), "of configuration")
    yield from _cases(request, ("TST006",), "of tests that skip where a service is missing")


def _chaos(audit: Audit) -> Iterator[Count]:
    points = audit.integration_points
    if not points:
        return
    running = {test.id for test in audit.tests if test.runs}
    spared = [
        point.name
        for point in points
        if not running.intersection(point.failures_provoked).intersection(point.tests_real)
    ]
    words = f"{len(spared):,} of {len(points):,} dependencies are made to fail by no test that also crosses them for real"
    yield Count(bad=len(spared), total=len(points), words=words + _which(spared))


def _load(request: ReportRequest) -> Iterator[Count]:
    commands = request.audit.project.test_commands
    loading = [command for command in commands if _LOAD.search(command)]
    if commands and request.audit.tests:
        words = f"{len(loading):,} of {len(commands):,} test commands that were found start a load generator"
        yield Count(bad=0 if loading else len(commands), total=len(commands), words=words + _which(loading))
        yield from _cases(request, ("POL", "LOD"), "of what shows under load only")


def _missing(bars: Iterable[Bar], name: str, words: str) -> Iterator[Count]:
    """What a bar does not cover, where it has anything to cover."""
    for bar in bars:
        if bar.name == name and bar.total:
            bad = bar.total - bar.achieved
            yield Count(
                bad=bad, total=bar.total, words=f"{bad:,} of {bar.total:,} {words}{_which(bar.missing)}"
            )


def _measured(audit: Audit) -> tuple[Bar, ...]:
    return audit.evidence.coverage if audit.evidence is not None else ()


def _cases(request: ReportRequest, prefixes: tuple[str, ...], words: str) -> Iterator[Count]:
    found = [finding for finding in request.shown if finding.code.startswith(prefixes)]
    if found:
        codes = joined(sorted({finding.code for finding in found}))
        yield Count(bad=len(found), total=0, words=f"{count(len(found), 'finding')} {words} ({codes})")


def _which(names: Iterable[str]) -> str:
    told = named(list(names))
    return f" ({told})" if told else ""
