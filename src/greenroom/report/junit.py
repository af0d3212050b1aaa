"""JUnit XML: what every CI system can show."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from greenroom.model.finding import Finding
from greenroom.model.mode import Family
from greenroom.report.concise import finding_line
from greenroom.report.evidence import evidence_sentences
from greenroom.report.full import describe
from greenroom.report.request import ReportRequest
from greenroom.report.style import Paint
from greenroom.report.text import one_line

# What XML 1.0 cannot hold, not even escaped (https://www.w3.org/TR/xml/#charsets).
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(request: ReportRequest) -> str:
    """One suite per family; each finding is a case that fails, nothing found one that passes."""
    shown = sorted(request.shown, key=lambda finding: finding.code[:3])
    families = groupby(shown, key=lambda finding: finding.code[:3])
    suites = [suite for prefix, group in families for suite in _suite(request, prefix, group)]
    total = max(len(shown), 1)
    elapsed = f"{request.audit.project.elapsed:.3f}"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<testsuites name="greenroom" tests="{total}" failures="{len(shown)}" errors="0" time="{elapsed}">',
        *(suites or _nothing_found(request)),
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _suite(request: ReportRequest, prefix: str, findings: Iterable[Finding]) -> list[str]:
    met: Counter[str] = Counter()
    cases: list[str] = []
    for finding in findings:
        name = _name(finding)
        met[name] += 1
        cases += _case(request, finding, name if met[name] == 1 else f"{name} ({met[name]})")
    number = met.total()
    title = attribute(f"greenroom: {_title(prefix)}")
    head = f'  <testsuite name={title} tests="{number}" failures="{number}" errors="0" skipped="0">'
    return [head, *_evidence(request), *cases, "  </testsuite>"]


def _title(prefix: str) -> str:
    return next((family.words for family in Family if family == prefix), prefix)


def _evidence(request: ReportRequest) -> list[str]:
    told = " ".join(evidence_sentences(request.audit))
    if not told:
        return []
    return [
        "    <properties>",
        f'      <property name="evidence" value={attribute(told)}/>',
        "    </properties>",
    ]


def _nothing_found(request: ReportRequest) -> list[str]:
    return [
        '  <testsuite name="greenroom" tests="1" failures="0" errors="0" skipped="0">',
        *_evidence(request),
        '    <testcase classname="greenroom" name="no findings"/>',
        "  </testsuite>",
    ]


def _name(finding: Finding) -> str:
    """Without the line, so that a CI system knows the case again in the next run."""
    place = finding.place
    where = f"{place.path}::{place.symbol}" if place.symbol else place.path
    return f"{finding.name} in {where}"


def _case(request: ReportRequest, finding: Finding, name: str) -> list[str]:
    place = finding.place
    classname = attribute(f"greenroom.{finding.code}")
    file = attribute(request.path(place))
    message = attribute(one_line(finding.message))
    kind = attribute(f"{finding.code} {finding.severity}")
    return [
        f'    <testcase classname={classname} name={attribute(name)} file={file} line="{place.line}">',
        f"      <failure message={message} type={kind}>{escaped(_details(request, finding))}</failure>",
        "    </testcase>",
    ]


def _details(request: ReportRequest, finding: Finding) -> str:
    chain = [f"  {request.location(hop)} {hop.symbol} {hop.note}" for hop in finding.chain]
    sites = [f"  {request.location(site)} {site.symbol} {site.note}" for site in finding.sites]
    lines = [
        finding_line(request, finding, Paint(colour=False)),
        describe(finding),
        *(["how it is reached:", *chain] if chain else []),
        *(["also at:", *sites] if sites else []),
        f"help: {request.consequence(finding)}",
        f"try: {request.remedy(finding)}",
    ]
    return "\n".join(one_line(line) if line[:1] != " " else f"  {one_line(line)}" for line in lines)


def escaped(text: str) -> str:
    """As the content of an element."""
    return escape(_FORBIDDEN.sub("\ufffd", text))


def attribute(text: str) -> str:
    """As the value of an attribute, with its quotation marks."""
    return quoteattr(_FORBIDDEN.sub("\ufffd", one_line(text)))
