"""What a report says of the recorded run that it rests on; the same words in every format."""

import shlex
from datetime import UTC, datetime
from typing import Final

from greenroom.model.audit import Audit
from greenroom.model.used_evidence import UsedEvidence
from greenroom.report.text import count, joined

_NAMED: Final = 3
_COMMIT: Final = 12


def evidence_sentences(audit: Audit) -> list[str]:
    """Which run, what has changed since, and what it did to the findings; nothing where no run was used."""
    used = audit.evidence
    if used is None:
        return []
    return [part for part in (_run(used, len(audit.tests)), _changed(used), _judged(used)) if part]


def cap_sentence(audit: Audit) -> str:
    """How high the score could be, and why no higher."""
    most = f"no more than {audit.score.cap:g} of 10 can come of that."
    if any(fact.proven for family in audit.score.families for fact in family.facts):
        seen = ", observed where the recorded run went," if audit.evidence is not None else ""
        return f"Read from the code{seen} and measured where failures were seeded: {most}"
    if audit.evidence is None:
        return f"Read from the code, not measured: {most}"
    return f"Read from the code, and observed where the recorded run went, but never broken: {most}"


def _run(used: UsedEvidence, tests: int) -> str:
    began = datetime.fromtimestamp(used.started, UTC).strftime("%Y-%m-%d %H:%M UTC")
    commit = f", at commit {used.revision[:_COMMIT]}" if used.revision else ""
    commit += " with changes" if used.revision and used.modified else ""
    return (
        f"Rests on the recorded run {used.run} of {began}{commit} (`{shlex.join(used.command)}`), "
        f"which contains {used.tests:,} of {count(tests, 'test')}."
    )


def _changed(used: UsedEvidence) -> str:
    if not used.changed:
        return "No Python file has changed since."
    named = list(used.changed[:_NAMED])
    more = len(used.changed) - len(named)
    files = joined([*named, *([f"{more:,} more"] if more else [])])
    lost = used.tests - used.usable
    tests = f", and {count(lost, 'test')} by reading only" if lost else ""
    have = (
        "1 file has changed since, and is"
        if len(used.changed) == 1
        else f"{len(used.changed):,} files have changed since, and are"
    )
    return f"{have} judged by reading only{tests}: {files}."


def _judged(used: UsedEvidence) -> str:
    parts = []
    if used.refuted:
        parts.append(f"refutes {count(used.refuted, 'finding')} (hidden)")
    if used.confirmed:
        parts.append(f"confirms {count(used.confirmed, 'finding')} (definite now)")
    return f"It {joined(parts)}." if parts else ""
