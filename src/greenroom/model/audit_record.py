"""What stays of an audit: its score, counts of its findings, and which finding came and went when."""

from dataclasses import dataclass

from greenroom.model.finding import Confidence, Severity
from greenroom.model.place import Place
from greenroom.model.score import Bar


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCount:
    """How many findings of one code, as bad and as sure as this."""

    code: str
    severity: Severity
    confidence: Confidence
    total: int
    shown: int
    """Of these, what the audit's selection showed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One point of the history of a project."""

    at: float
    """Seconds since the epoch."""
    score: float | None
    """0 to 10; None: nothing to judge."""
    cap: float
    families: dict[str, float | None]
    """The score by the family's prefix."""
    bars: tuple[Bar, ...] = ()
    """Without the names of what they count."""
    findings: tuple[FindingCount, ...] = ()
    greenroom: str = ""
    """The version that audited: a newer one knows more failure modes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRecord:
    """A finding over time."""

    key: str
    """Identity without line numbers."""
    code: str
    severity: Severity
    confidence: Confidence
    message: str
    place: Place
    """Where it was last."""
    times: int
    """How many findings of the last audit had this key."""
    shown: bool
    first: float
    """When the first audit saw it; seconds since the epoch."""
    last: float
    """When the last audit saw it: it is gone where a later audit did not."""
