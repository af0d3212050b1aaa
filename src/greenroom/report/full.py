"""The terminal report: the verdict, what to fix first, then each finding with its source."""

from collections.abc import Sequence
from typing import Final

from greenroom.model.finding import Finding, Reach
from greenroom.model.place import Place
from greenroom.report.closing import closing_lines
from greenroom.report.concise import finding_line
from greenroom.report.frame import FrameLine, source_frame
from greenroom.report.noticed import escape_sentence
from greenroom.report.request import ReportRequest
from greenroom.report.style import Paint, Signs, signs_for
from greenroom.report.text import columns, one_line, wrapped
from greenroom.report.verdict import verdict_lines

_MOST_SITES: Final = 5

REACHED_FROM: Final = {
    Reach.ROUTE: "reached from a route",
    Reach.SOCKET: "reached from a socket",
    Reach.LIFESPAN: "reached at start-up or shut-down",
    Reach.TASK: "reached from a background task",
    Reach.WORKER: "reached from a worker",
    Reach.SCRIPT: "reached from a script",
    Reach.TEST: "in the tests",
    Reach.PROJECT: "of the whole project",
    Reach.UNREACHED: "reached from no known entry point",
}


def render(request: ReportRequest) -> str:
    """The whole report."""
    paint = Paint(request.options.colour)
    signs = signs_for(request.options.encoding)
    findings = request.audit.findings if request.options.show_hidden else request.shown
    lines = verdict_lines(request, paint, signs)
    if findings:
        lines += [paint("title", "Findings"), ""]
    told: tuple[str, ...] = ()
    for finding in findings:
        before, told = told, (finding.code, request.consequence(finding), request.remedy(finding))
        lines += [*_finding_lines(request, finding, paint, signs, is_like_before=told == before), ""]
    return "\n".join([*lines, *closing_lines(request, paint, signs)]) + "\n"


def describe(finding: Finding, dot: str = "·") -> str:
    """`blocking-call-in-async · high, definite · reached from a route · in Chat.answer`."""
    parts = [finding.name, f"{finding.severity}, {finding.confidence}"]
    parts.append(REACHED_FROM[finding.reach])
    if finding.place.symbol:
        parts.append(f"in {one_line(finding.place.symbol)}")
    if not finding.shown:
        parts.append(f"hidden: {one_line(finding.hidden_because) or 'not selected'}")
    return f" {dot} ".join(parts)


def _finding_lines(
    request: ReportRequest, finding: Finding, paint: Paint, signs: Signs, *, is_like_before: bool
) -> list[str]:
    """is_like_before: what it leads to and what to do was said of the finding above."""
    frame = source_frame(request.lines(finding.place.path), finding.place, finding.end_line)
    advice = (
        () if is_like_before else (("help", request.consequence(finding)), ("try", request.remedy(finding)))
    )
    return [
        finding_line(request, finding, paint),
        f"  {paint('quiet', describe(finding, signs.dot))}",
        *_frame_lines(frame, paint, signs),
        *_chain_lines(request, finding.chain, paint, signs),
        *_site_lines(request, finding.sites, paint),
        *(line for label, text in advice for line in _advice(label, text, request, paint)),
        *_advice("escaped", escape_sentence(finding), request, paint),
    ]


def _frame_lines(frame: Sequence[FrameLine], paint: Paint, signs: Signs) -> list[str]:
    if not frame:
        return []
    gutter = len(str(frame[-1].number))
    edge = paint("frame", f"  {'':{gutter}} {signs.bar}")
    lines = [edge]
    for line in frame:
        number = paint("frame", f"  {line.number:>{gutter}} {signs.bar}")
        lines.append(f"{number} {line.text}".rstrip())
        if line.end > line.start:
            space = " " * columns(line.text[: line.start])
            carets = "^" * columns(line.text[line.start : line.end])
            lines.append(f"{edge} {space}{paint('mark', carets)}")
    return [*lines, edge]


def _chain_lines(request: ReportRequest, chain: Sequence[Place], paint: Paint, signs: Signs) -> list[str]:
    if not chain:
        return []
    lines = [f"  {paint('title', 'how it is reached:')}"]
    for number, place in enumerate(chain):
        lead = "    " if number == 0 else f"    {signs.arrow} "
        lines.append(lead + _hop(request, place, signs))
    return lines


def _hop(request: ReportRequest, place: Place, signs: Signs) -> str:
    text = one_line(request.location(place))
    text += f" {one_line(place.symbol)}" if place.symbol else ""
    return text + (f" {signs.dot} {one_line(place.note)}" if place.note else "")


def _site_lines(request: ReportRequest, sites: Sequence[Place], paint: Paint) -> list[str]:
    if not sites:
        return []
    lines = [f"  {paint('title', 'also at:')}"]
    for place in sites[:_MOST_SITES]:
        symbol = f" {one_line(place.symbol)}" if place.symbol else ""
        note = f" ({one_line(place.note)})" if place.note else ""
        lines.append(f"    {one_line(request.location(place))}{symbol}{note}")
    more = len(sites) - _MOST_SITES
    return [*lines, f"    and {more:,} more"] if more > 0 else lines


def _advice(label: str, text: str, request: ReportRequest, paint: Paint) -> list[str]:
    lines = wrapped(f"  {label}: ", text, request.options.width)
    if not lines:
        return []
    painted = paint(label, f"{label}:")
    return [lines[0].replace(f"{label}:", painted, 1), *lines[1:]]
