"""One line per finding, for editors, `grep` and people in a hurry."""

from greenroom.model.finding import Finding
from greenroom.report.closing import closing_lines
from greenroom.report.evidence import evidence_sentences
from greenroom.report.request import ReportRequest
from greenroom.report.style import Paint, signs_for
from greenroom.report.text import one_line


def render(request: ReportRequest) -> str:
    """Each finding on one line, then the count."""
    paint = Paint(request.options.colour)
    findings = request.audit.findings if request.options.show_hidden else request.shown
    lines = [finding_line(request, finding, paint) for finding in findings]
    signs = signs_for(request.options.encoding)
    evidence = [paint("quiet", one_line(each)) for each in evidence_sentences(request.audit)]
    return "\n".join([*lines, *evidence, *closing_lines(request, paint, signs)]) + "\n"


def finding_line(request: ReportRequest, finding: Finding, paint: Paint) -> str:
    """`path:line:column: CODE message`."""
    location = one_line(request.location(finding.place))
    code = paint(finding.severity.value, finding.code)
    return f"{paint('title', location)}: {code} {one_line(finding.message)}"
