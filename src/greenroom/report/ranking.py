"""What to fix first."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from greenroom.model.finding import Confidence, Finding, Reach, Severity

FIX_FIRST: Final = 5
"""How many findings a reader is asked to look at before the list."""
_OF_ONE_CODE: Final = 2
"""Of them, as long as there are others: five times the same tells less than five different things."""

SEVERITY_ORDER: Final = {severity: rank for rank, severity in enumerate(Severity)}
CONFIDENCE_ORDER: Final = {confidence: rank for rank, confidence in enumerate(Confidence)}
REACH_ORDER: Final = {reach: rank for rank, reach in enumerate(Reach)}


def by_urgency(findings: Iterable[Finding]) -> list[Finding]:
    """The most urgent first: severity, then confidence, then the entry point that reaches it.

    What is equal in all three keeps the order of the audit.
    """
    return sorted(findings, key=_urgency)


def fix_first(findings: Iterable[Finding], number: int = FIX_FIRST) -> list[Finding]:
    """The few that a team should begin with.

    Among findings of one severity and confidence each code comes once before any comes twice, and
    no code more than twice while there are others.
    """
    met: Counter[tuple[str, Severity, Confidence]] = Counter()
    ranked: list[tuple[tuple[int, int, int, int], Finding]] = []
    for finding in by_urgency(findings):
        severity, confidence, reach = _urgency(finding)
        kind = (finding.code, finding.severity, finding.confidence)
        ranked.append(((severity, confidence, met[kind], reach), finding))
        met[kind] += 1
    ranked.sort(key=lambda pair: pair[0])
    ordered = [finding for _, finding in ranked]
    places = Counter[str]()
    varied: list[int] = []
    for place, finding in enumerate(ordered):
        places[finding.code] += 1
        if places[finding.code] <= _OF_ONE_CODE:
            varied.append(place)
    others = [place for place in range(len(ordered)) if place not in varied[:number]]
    chosen = [*varied[:number], *others][:number]
    return [ordered[place] for place in sorted(chosen)]


def _urgency(finding: Finding) -> tuple[int, int, int]:
    return (
        SEVERITY_ORDER[finding.severity],
        CONFIDENCE_ORDER[finding.confidence],
        REACH_ORDER[finding.reach],
    )
