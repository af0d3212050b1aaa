"""Why findings are not shown, and how to see them."""

from collections import Counter
from collections.abc import Iterable
from enum import Enum

from greenroom.model.finding import Confidence, Finding


class Hidden(Enum):
    """A kind of reason; the value is what a reader is told."""

    POSSIBLE = "only possible (--possible shows them)"
    SUPPRESSED = "suppressed in the code"
    BASELINE = "known in the baseline"
    CHANGE = "outside of the change"
    SELECTION = "not selected"
    REFUTED = "refuted by the recorded run"

    @classmethod
    def of(cls, finding: Finding) -> "Hidden":
        """Tell the kind from the words before the colon of `hidden_because`."""
        head = finding.hidden_because.partition(":")[0].lower()
        if "refuted" in head:
            return cls.REFUTED
        if "suppress" in head or "inline" in head:
            return cls.SUPPRESSED
        if "baseline" in head:
            return cls.BASELINE
        if head == cls.CHANGE.value:
            return cls.CHANGE
        if "possible" in head or "confidence" in head:
            return cls.POSSIBLE
        if not head and finding.confidence is Confidence.POSSIBLE:
            return cls.POSSIBLE
        return cls.SELECTION


def count_hidden(findings: Iterable[Finding]) -> list[tuple[Hidden, int]]:
    """How many findings are hidden for which reason, in the order of `Hidden`."""
    counts = Counter(Hidden.of(finding) for finding in findings if not finding.shown)
    return [(kind, counts[kind]) for kind in Hidden if counts[kind]]


def justification(finding: Finding) -> str:
    """What the team wrote beside its suppression: the words after the colon."""
    head, colon, rest = finding.hidden_because.partition(":")
    return rest.strip() if colon else head.strip()
