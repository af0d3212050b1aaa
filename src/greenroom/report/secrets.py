"""A report travels further than the code that it quotes: what looks like a secret is covered."""

from collections.abc import Iterable
from dataclasses import replace

from greenroom.model.audit import Audit
from greenroom.model.finding import Finding
from greenroom.model.secret import cover_written


def without_secrets(audit: Audit) -> Audit:
    """The audit with the secrets in its sentences and commands covered."""
    commands = tuple(map(cover_written, audit.project.test_commands))
    return replace(
        audit,
        project=replace(audit.project, test_commands=commands),
        findings=tuple(_covered_findings(audit.findings)),
        notices=tuple(map(cover_written, audit.notices)),
    )


def _covered_findings(findings: Iterable[Finding]) -> Iterable[Finding]:
    for finding in findings:
        told = (finding.message, finding.consequence, finding.remedy, finding.hidden_because)
        message, consequence, remedy, hidden = covered = tuple(map(cover_written, told))
        if covered == told:
            yield finding
        else:
            yield replace(
                finding, message=message, consequence=consequence, remedy=remedy, hidden_because=hidden
            )
