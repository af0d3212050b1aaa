"""Workflow commands: GitHub shows them as annotations beside the lines of a pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from greenroom.model.finding import Finding, Severity
from greenroom.report.closing import hidden_sentence, shown_sentence
from greenroom.report.concise import finding_line
from greenroom.report.evidence import evidence_sentences
from greenroom.report.ranking import by_urgency
from greenroom.report.request import ReportRequest
from greenroom.report.style import Paint
from greenroom.report.text import count, sentence, visible

MOST_OF_A_TYPE: Final = 10
"""Annotations of one type that GitHub keeps of one step."""
_TYPES: Final = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice"}


def render(request: ReportRequest) -> str:
    """Annotations for the most urgent, then all others in a folded group, then the count."""
    annotated, others = _split(by_urgency(request.shown))
    lines = [_annotation(request, finding) for finding in annotated]
    lines += _folded(request, others)
    summary = f"{shown_sentence(request)} {hidden_sentence(request)}".rstrip()
    if others:
        # GitHub shows no more than ten of a type: this line says that there are more.
        summary = f"{summary} {count(len(others), 'of them is', 'of them are')} only in the log."
    summary = " ".join([summary, *evidence_sentences(request.audit)])
    lines.append(_command("notice", {"title": "Greenroom"}, summary))
    return "\n".join(lines) + "\n"


def _split(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    room = dict.fromkeys(_TYPES.values(), MOST_OF_A_TYPE)
    room["notice"] -= 1  # for the summary
    used: Counter[str] = Counter()
    annotated: list[Finding] = []
    others: list[Finding] = []
    for finding in findings:
        kind = _TYPES[finding.severity]
        used[kind] += 1
        (annotated if used[kind] <= room[kind] else others).append(finding)
    return annotated, others


def _annotation(request: ReportRequest, finding: Finding) -> str:
    place = finding.place
    properties = {"file": request.path(place), "line": str(place.line)}
    if finding.end_line > place.line:
        properties["endLine"] = str(finding.end_line)
    else:  # GitHub ignores columns of annotations over several lines
        properties["col"] = str(place.column)
    properties["title"] = f"{finding.code} {finding.name}"
    parts = (finding.message, request.consequence(finding), request.remedy(finding))
    text = "\n".join(sentence(part) for part in parts if part.strip())
    return _command(_TYPES[finding.severity], properties, text)


def _folded(request: ReportRequest, findings: Sequence[Finding]) -> list[str]:
    if not findings:
        return []
    paint = Paint(colour=False)
    lines = [finding_line(request, finding, paint) for finding in findings]
    # A line of the audited project must not be taken for a command. The word that switches
    # commands on again is a hash of the lines, so that no line can hold it.
    digest = hashlib.sha256("\n".join(lines).encode("utf-8", "backslashreplace")).hexdigest()
    word = f"greenroom-{digest[:32]}"
    title = count(len(findings), "further finding")
    return [f"::group::{title}", f"::stop-commands::{word}", *lines, f"::{word}::", "::endgroup::"]


def _command(kind: str, properties: Mapping[str, str], message: str) -> str:
    settings = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {settings}::{_data(message)}"


def _data(text: str) -> str:
    text = "\n".join(visible(line) for line in text.splitlines())
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
