"""What to fix first."""

from collections import Counter
from collections.abc import Iterable, Sequence
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
    return [ordered[place] for place in varied([finding.code for finding in ordered], _OF_ONE_CODE, number)]


def varied(kinds: Sequence[str], of_one: int, number: int) -> list[int]:
    """The places of the first so many, in their order: no more than `of_one` of a kind while there are others."""
    met = Counter[str]()
    first: list[int] = []
    for place, kind in enumerate(kinds):
        met[kind] += 1
        if met[kind] <= of_one:
            first.append(place)
    others = sorted(set(range(len(kinds))).difference(first))
    return sorted([*first, *others][:number])


def _urgency(finding: Finding) -> tuple[int, int, int]:
    return (
        SEVERITY_ORDER[finding.severity],
        CONFIDENCE_ORDER[finding.confidence],
        REACH_ORDER[finding.reach],
    )
