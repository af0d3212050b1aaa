"""How a listing ends: how many findings there are, and why some are not in it."""

from collections import Counter
from typing import Final

from greenroom.model.audit import ProjectSummary
from greenroom.model.finding import Severity
from greenroom.report.hidden import count_hidden
from greenroom.report.request import ReportRequest
from greenroom.report.style import Paint, Signs
from greenroom.report.text import count, joined, one_line

_LEFT_OUT_NAMED: Final = 3


def closing_lines(request: ReportRequest, paint: Paint, signs: Signs) -> list[str]:
    """Notices, what was left out, and the counts of what is shown and hidden."""
    notices = [f"note: {one_line(notice)}" for notice in request.audit.notices]
    counts = [paint("title", shown_sentence(request)), hidden_sentence(request)]
    read = paint("quiet", read_sentence(request.audit.project, signs))
    return [*notices, *(line for line in counts if line), read]


def shown_sentence(request: ReportRequest) -> str:
    """Count what is shown: `3 findings: 1 high, 2 low, in 2 files.`."""
    shown = request.shown
    if not shown:
        return "No findings."
    by_severity = Counter(finding.severity for finding in shown)
    severities = [f"{by_severity[each]} {each}" for each in Severity if by_severity[each]]
    files = len({finding.place.path for finding in shown})
    return f"{count(len(shown), 'finding')}: {', '.join(severities)}, in {count(files, 'file')}."


def hidden_sentence(request: ReportRequest) -> str:
    """How many are hidden for which reason, and how to see them; empty if none."""
    hidden = count_hidden(request.audit.findings)
    if not hidden:
        return ""
    total = sum(number for _, number in hidden)
    reasons = joined(f"{number} {kind.value}" for kind, number in hidden)
    return f"{total:,} hidden: {reasons}; --show-hidden lists them."


def read_sentence(project: ProjectSummary, signs: Signs) -> str:
    """What was read, and what was not."""
    files = sum(project.files.values())
    kinds = ", ".join(f"{kind} {number:,}" for kind, number in sorted_kinds(project) if number)
    text = f"Read {count(files, 'Python file')}"
    text += f" ({kinds})" if kinds else ""
    text += f", {count(project.lines, 'line')}, in {project.elapsed:.1f} s"
    left_out = [one_line(f"{each.path} ({each.reason})") for each in project.left_out]
    if not left_out:
        return f"{text}."
    more = len(left_out) - _LEFT_OUT_NAMED
    names = left_out[:_LEFT_OUT_NAMED] + ([f"{more:,} more"] if more > 0 else [])
    return f"{text} {signs.dot} not read in full: {', '.join(names)}."


def sorted_kinds(project: ProjectSummary) -> list[tuple[str, int]]:
    """Kinds of files, the most numerous first."""
    return sorted(project.files.items(), key=lambda item: (-item[1], item[0]))
