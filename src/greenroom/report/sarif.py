"""SARIF 2.1.0, inside the limits that GitHub sets.

Limits: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import quote

from greenroom.model.finding import Finding
from greenroom.model.place import Place
from greenroom.report.evidence import evidence_sentences
from greenroom.report.hidden import Hidden, justification
from greenroom.report.ranking import by_urgency
from greenroom.report.request import ReportRequest
from greenroom.report.rules import LEVELS, rules
from greenroom.report.text import count, sentence, visible

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
BASE: Final = "SRCROOT"
"""Of the paths: the project's root."""
_Result = TypeVar("_Result")
_LINK: Final = re.compile(r"\[([^\[\]\n]*)\]\(")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What GitHub takes of one run."""

    shown: int = 5_000
    """Results without a suppression: what GitHub keeps of a run."""
    results: int = 25_000
    """All results: more, and the file is refused."""
    flow: int = 1_000
    """Locations of a thread flow that are shown."""
    places: int = 100
    """Related locations of a result that are shown."""
    compressed: int = 10_000_000
    """Bytes, gzipped."""


def render(request: ReportRequest) -> str:
    """The log; the most urgent results first, and as many as GitHub takes."""
    return render_within(request, Limits())


def render_within(request: ReportRequest, limits: Limits) -> str:
    """The log within given limits; what was left out is said in the invocation."""
    shown, suppressed = _selection(request)
    keep = (shown[: limits.shown] + suppressed)[: limits.results]
    total = len(shown) + len(suppressed)
    return fitted(keep, lambda kept: _log(request, kept, total, limits), limits)


def fitted(keep: list[_Result], log: Callable[[list[_Result]], dict[str, Any]], limits: Limits) -> str:
    """The log of as many results, from the first, as fit into the size."""
    while True:
        text = json.dumps(log(keep), indent=1, ensure_ascii=False) + "\n"
        packed = gzip.compress(text.encode("utf-8", "backslashreplace"), compresslevel=6)
        if len(packed) <= limits.compressed or not keep:
            return text
        # Sizes are nearly proportional: aim below the limit, so that twice is rare.
        keep = keep[: int(len(keep) * min(0.9, 0.95 * limits.compressed / len(packed)))]


def fingerprint(key: str) -> str:
    """An identity as a short, stable text."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _selection(request: ReportRequest) -> tuple[list[Finding], list[Finding]]:
    """What is shown, and what a person decided to hide; not what we ourselves doubt."""
    decided = (Hidden.SUPPRESSED, Hidden.BASELINE)
    hidden = [each for each in request.audit.findings if not each.shown]
    suppressed = [each for each in hidden if request.options.sarif_suppressed and Hidden.of(each) in decided]
    return by_urgency(request.shown), by_urgency(suppressed)


def _log(request: ReportRequest, findings: Sequence[Finding], total: int, limits: Limits) -> dict[str, Any]:
    described = rules(request, findings)
    index = {rule["id"]: number for number, rule in enumerate(described)}
    driver: dict[str, Any] = {"name": "Greenroom", "rules": described}
    if request.options.version:
        driver["version"] = request.options.version
    base: dict[str, Any] = {"description": {"text": "The root of the audited project."}}
    if request.options.root_uri:
        base["uri"] = request.options.root_uri.rstrip("/") + "/"
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "greenroom/audit/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {BASE: base},
        "invocations": [invocation(total - len(findings), "finding")],
        "results": _results(request, findings, index, limits),
    }
    evidence = " ".join(evidence_sentences(request.audit))
    if evidence:
        run["properties"] = {"evidence": evidence}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def invocation(left_out: int, noun: str) -> dict[str, Any]:
    """That it ran, and what was left out."""
    told: dict[str, Any] = {"executionSuccessful": True}
    if left_out:
        text = f"{count(left_out, noun)} left out to stay within GitHub's limits."
        told["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": text}}]
    return told


def _results(
    request: ReportRequest, findings: Sequence[Finding], index: dict[str, int], limits: Limits
) -> list[dict[str, Any]]:
    met: Counter[str] = Counter()
    results = []
    for finding in findings:
        met[finding.key] += 1
        result = _result(request, finding, limits) | {"ruleIndex": index[finding.code]}
        result["partialFingerprints"] = {"greenroomKey/v1": f"{fingerprint(finding.key)}:{met[finding.key]}"}
        results.append(result)
    return results


def _result(request: ReportRequest, finding: Finding, limits: Limits) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": LEVELS[finding.severity],
        "message": {"text": _message(request, finding)},
        "locations": [location(finding.place, finding.end_line)],
        "properties": {
            "confidence": finding.confidence.value,
            "reach": finding.reach.value,
            "severity": finding.severity.value,
        },
    }
    if finding.sites:
        result["relatedLocations"] = [
            location(place) | {"id": number, "message": {"text": _note(place)}}
            for number, place in enumerate(finding.sites[: limits.places], start=1)
        ]
    if finding.chain:
        result["codeFlows"] = [_flow(_capped(finding.chain, limits.flow))]
    if not finding.shown:
        result["suppressions"] = [_suppression(finding)]
    return result


def _message(request: ReportRequest, finding: Finding) -> str:
    parts = (finding.message, request.consequence(finding), request.remedy(finding))
    return message_text(parts)


def message_text(parts: Iterable[str]) -> str:
    """Sentences, each on its own line; `[a](b)` would be a link (SARIF 2.1.0, 3.11.6), other brackets mean nothing."""
    text = "\n".join(sentence(part) for part in parts if part)
    return _LINK.sub(r"\\[\1\\](", text)


def _suppression(finding: Finding) -> dict[str, Any]:
    kind = "inSource" if Hidden.of(finding) is Hidden.SUPPRESSED else "external"
    return {"kind": kind, "status": "accepted", "justification": justification(finding)}


def _flow(chain: Sequence[Place]) -> dict[str, Any]:
    locations = [
        {
            "location": location(place) | {"message": {"text": _note(place)}},
            "nestingLevel": number,
        }
        for number, place in enumerate(chain)
    ]
    return {"threadFlows": [{"locations": locations}]}


def _capped(chain: Sequence[Place], most: int) -> Sequence[Place]:
    """The beginning and the end of a chain that is too long: the middle says least."""
    if len(chain) <= most:
        return chain
    head = most // 2
    return [*chain[:head], *chain[len(chain) - (most - head) :]]


def _note(place: Place) -> str:
    return visible(place.note or place.symbol or f"{place.path}:{place.line}")


def location(place: Place, end_line: int = 0) -> dict[str, Any]:
    """A place as SARIF's `location`."""
    region = {"startLine": place.line, "startColumn": place.column}
    if end_line > place.line:
        region["endLine"] = end_line
    path = quote(place.path.encode("utf-8", "surrogateescape"), safe="/")
    found: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": path, "uriBaseId": BASE},
            "region": region,
        }
    }
    if place.symbol:
        found["logicalLocations"] = [{"fullyQualifiedName": place.symbol}]
    return found
