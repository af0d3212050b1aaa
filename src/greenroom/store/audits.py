"""The history of scores, and of findings."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, insert, select, update

from greenroom.model.audit import Audit
from greenroom.model.audit_record import AuditRecord, FindingCount, FindingRecord
from greenroom.model.finding import Confidence, Finding, Severity
from greenroom.record.encoding import decode, encode
from greenroom.store.evidence import plain
from greenroom.store.tables import AuditRow, FindingRow


def sum_up(audit: Audit, *, at: float, greenroom: str) -> AuditRecord:
    """What stays of an audit."""
    return AuditRecord(
        at=at,
        score=audit.score.overall,
        cap=audit.score.cap,
        families={part.family.value: part.value for part in audit.score.families},
        bars=tuple(replace(bar, covered=(), missing=()) for bar in audit.score.bars),
        findings=tuple(_count(audit.findings)),
        greenroom=greenroom,
    )


def write_audit(
    connection: Connection, project: str, record: AuditRecord, findings: Iterable[Finding]
) -> None:
    """Add an audit, and bring the history of findings up to date."""
    values = {"project": project, "at": record.at, "document": encode(record)}
    connection.execute(insert(AuditRow), [values])
    known = set(connection.scalars(select(FindingRow.id).where(FindingRow.project == project)))
    for name, document in _by_key(findings).items():
        if name in known:
            row = update(FindingRow).where(FindingRow.project == project, FindingRow.id == name)
            connection.execute(row.values(last=record.at, document=document))
        else:
            new = {"project": project, "id": name, "first": record.at, "last": record.at}
            connection.execute(insert(FindingRow), [{**new, "document": document}])


def read_audits(connection: Connection, project: str) -> tuple[AuditRecord, ...]:
    """All of them, oldest first."""
    query = select(AuditRow.document).where(AuditRow.project == project).order_by(AuditRow.at, AuditRow.key)
    return tuple(decode(AuditRecord, document) for document in connection.scalars(query))


def read_findings(connection: Connection, project: str) -> tuple[FindingRecord, ...]:
    """All that an audit ever found, by key."""
    columns = select(FindingRow.document, FindingRow.first, FindingRow.last)
    query = columns.where(FindingRow.project == project).order_by(FindingRow.id)
    return tuple(
        decode(FindingRecord, {**row.document, "first": row.first, "last": row.last})
        for row in connection.execute(query)
    )


def _count(findings: Iterable[Finding]) -> Iterator[FindingCount]:
    total, shown = Counter[tuple[str, Severity, Confidence]](), Counter[tuple[str, Severity, Confidence]]()
    for finding in findings:
        kind = (finding.code, finding.severity, finding.confidence)
        total[kind] += 1
        shown[kind] += finding.shown
    for kind in sorted(total):
        code, severity, confidence = kind
        yield FindingCount(
            code=code, severity=severity, confidence=confidence, total=total[kind], shown=shown[kind]
        )


def _by_key(findings: Iterable[Finding]) -> dict[str, dict[str, Any]]:
    """One document for each key; of several findings with the same key the first speaks."""
    documents: dict[str, dict[str, Any]] = {}
    for finding in findings:
        document = documents.setdefault(plain(finding.key), _document(finding))
        document["times"] += 1
        document["shown"] = document["shown"] or finding.shown
    return documents


def _document(finding: Finding) -> dict[str, Any]:
    return {
        "key": finding.key,
        "code": finding.code,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": finding.message,
        "place": encode(finding.place),
        "times": 0,
        "shown": False,
    }
