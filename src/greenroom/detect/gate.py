"""`--fail-on`: what turns a report into a failure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from greenroom.model.audit import Audit
from greenroom.model.finding import Finding, Severity
from greenroom.model.mode import Family
from greenroom.project.files.errors import ConfigurationError

_SCORE = re.compile(r"score\s*<\s*(\d+(?:\.\d+)?)")
_CODE = re.compile(r"[A-Z]{3}\d{0,3}")
_RANK = {Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One condition under which the gate fails."""

    text: str
    """As the user spelled it."""
    severity: Severity | None = None
    """A shown finding of at least this severity."""
    prefix: str = ""
    """A shown finding whose code begins so."""
    score_below: float | None = None

    def is_broken_by(self, audit: Audit) -> bool:
        """Whether the gate fails here; a score that could not be made is not good enough."""
        if self.score_below is not None:
            return audit.score.overall is None or audit.score.overall < self.score_below
        return any(finding.shown and self._matches(finding) for finding in audit.findings)

    def _matches(self, finding: Finding) -> bool:
        if self.severity is not None:
            return rank(finding.severity) >= rank(self.severity)
        return bool(self.prefix) and finding.code.startswith(self.prefix)


def rank(severity: Severity) -> int:
    """1 for low to 3 for high."""
    return _RANK[severity]


def read_rules(fail_on: Iterable[str]) -> tuple[Rule, ...]:
    """The rules in `Settings.fail_on`; none of them: the gate cannot fail.

    Raises:
        ConfigurationError: with every rule that nobody understands.
    """
    rules = {text: _read_rule(text.strip()) for text in fail_on}
    problems = tuple(
        f"fail-on: `{text}` is no severity (high, medium, low), no code and no `score<N`"
        for text, rule in rules.items()
        if rule is None
    )
    if problems:
        raise ConfigurationError(problems)
    return tuple(rule for rule in rules.values() if rule is not None)


def broken_rules(audit: Audit, fail_on: Iterable[str]) -> tuple[str, ...]:
    """The rules that this audit breaks, as the user spelled them; empty: the gate is passed."""
    return tuple(rule.text for rule in read_rules(fail_on) if rule.is_broken_by(audit))


def _read_rule(text: str) -> Rule | None:
    if text.lower() in set(Severity):
        return Rule(text=text, severity=Severity(text.lower()))
    if score := _SCORE.fullmatch(text.lower()):
        return Rule(text=text, score_below=float(score.group(1)))
    code = text.upper()
    if _CODE.fullmatch(code) and code[:3] in set(Family):
        return Rule(text=text, prefix=code)
    return None
