"""The failure modes as rules of SARIF."""

from collections.abc import Iterable
from typing import Any, Final

from greenroom.model.finding import Finding, Severity
from greenroom.model.mode import FailureMode
from greenroom.report.request import ReportRequest
from greenroom.report.text import sentence

LEVELS: Final = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
MOST_TAGS: Final = 20
"""GitHub refuses a rule with more."""


def rules(request: ReportRequest, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """A rule for each code of these findings: pages of all the others would be most of the file."""
    found = {finding.code: finding.name for finding in findings}
    return [
        _rule(request, request.modes[code]) if code in request.modes else _bare(code, found[code])
        for code in sorted(found)
    ]


def _rule(request: ReportRequest, mode: FailureMode) -> dict[str, Any]:
    markdown = request.pages.get(mode.code) or _markdown(mode)
    tags = [mode.family.words, *sorted(f"lens/{lens.value}" for lens in mode.lenses)]
    return {
        "id": mode.code,
        "name": mode.name,
        "shortDescription": {"text": mode.summary},
        "fullDescription": {"text": _sentences(mode.summary, mode.consequence)},
        "help": {"text": _sentences(mode.consequence, mode.remedy), "markdown": markdown},
        "defaultConfiguration": {"level": LEVELS[_worst(request, mode.code)]},
        "properties": {"tags": tags[:MOST_TAGS]},
    }


def _sentences(*texts: str) -> str:
    return " ".join(map(sentence, texts))


def _bare(code: str, name: str) -> dict[str, Any]:
    return {"id": code, "name": name, "shortDescription": {"text": name}}


def _worst(request: ReportRequest, code: str) -> Severity:
    met = {finding.severity for finding in request.audit.findings if finding.code == code}
    return next((severity for severity in Severity if severity in met), Severity.MEDIUM)


def _markdown(mode: FailureMode) -> str:
    return (
        f"# {mode.name} ({mode.code})\n\n{mode.summary}\n\n"
        f"**In production:** {mode.consequence}\n\n"
        f"**What to do:** {mode.remedy}\n\n"
        f"*Source: {mode.source}*\n"
    )
