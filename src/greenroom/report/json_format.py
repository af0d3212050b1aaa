"""The audit as JSON; `audit.schema.json` beside this file is the contract, `docs/json.md` explains."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from greenroom.model.application import Application
from greenroom.model.audit import ProjectSummary
from greenroom.model.call import Call
from greenroom.model.finding import Finding
from greenroom.model.integration_point import IntegrationPoint
from greenroom.model.noticed import Noticed
from greenroom.model.place import Place
from greenroom.model.rate import Rate
from greenroom.model.route import Route
from greenroom.model.score import Bar, Fact, FamilyScore, Score
from greenroom.model.test_case import TestCase
from greenroom.model.used_evidence import UsedEvidence
from greenroom.report.request import ReportRequest

VERSION: Final = 1
"""Raised when a field goes, changes its meaning or its type; not when one is added."""


def render(request: ReportRequest) -> str:
    """The document, indented, keys in the order of the schema."""
    return json.dumps(document(request), indent=2, ensure_ascii=False) + "\n"


def document(request: ReportRequest) -> dict[str, Any]:
    """The audit as plain dictionaries."""
    audit = request.audit
    return {
        "version": VERSION,
        "greenroom": request.options.version,
        "project": _project(audit.project),
        "evidence": _evidence(audit.evidence),
        "noticed": _noticed(audit.noticed),
        "score": _score(audit.score),
        "findings": [_finding(request, finding) for finding in audit.findings],
        "tests": [_test(test) for test in audit.tests],
        "integration_points": [_point(point) for point in audit.integration_points],
        "routes": [_route(route) for route in audit.routes],
        "applications": [_application(application) for application in audit.applications],
        "calls": [_call(call) for call in audit.calls],
        "notices": list(audit.notices),
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "symbol": place.symbol,
        "note": place.note,
    }


def _finding(request: ReportRequest, finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "path": finding.place.path,
        "line": finding.place.line,
        "end_line": max(finding.end_line, finding.place.line),
        "column": finding.place.column,
        "symbol": finding.place.symbol,
        "message": finding.message,
        "consequence": request.consequence(finding),
        "remedy": request.remedy(finding),
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "reach": finding.reach.value,
        "shown": finding.shown,
        "hidden_because": finding.hidden_because,
        "key": finding.key,
        "note": finding.place.note,
        "sites": [_place(place) for place in finding.sites],
        "chain": [_place(place) for place in finding.chain],
        "escapes": list(finding.escapes),
    }


def _test(test: TestCase) -> dict[str, Any]:
    return {
        "id": test.id,
        "path": test.path,
        "line": test.line,
        "symbol": test.symbol,
        "is_async": test.is_async,
        "interface": test.interface.value,
        "collected": test.collected,
        "runs": test.runs,
        "reasons": list(test.reasons),
        "evidence": [_place(place) for place in test.evidence],
        "observed": test.observed,
    }


def _point(point: IntegrationPoint) -> dict[str, Any]:
    return {
        "name": point.name,
        "kind": point.kind,
        "library": point.library,
        "sites": [_place(place) for place in point.sites],
        "tests_real": list(point.tests_real),
        "tests_doubled": list(point.tests_doubled),
        "failures_provoked": list(point.failures_provoked),
        "observed": point.observed,
    }


def _route(route: Route) -> dict[str, Any]:
    return {
        "method": route.method,
        "path": route.path,
        "application": route.application,
        "file": route.file,
        "line": route.line,
        "symbol": route.symbol,
        "certain": route.certain,
    }


def _application(application: Application) -> dict[str, Any]:
    return {
        "name": application.name,
        "file": application.file,
        "framework": application.framework,
        "routes": application.routes,
        "is_live": application.is_live,
        "started_by": [_place(place) for place in application.started_by],
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "kind": call.kind,
        "method": call.method,
        "base": call.base,
        "path": call.path,
        "file": call.file,
        "line": call.line,
        "symbol": call.symbol,
        "status": call.status,
        "routes": list(call.routes),
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "overall": score.overall,
        "cap": score.cap,
        "verdict": score.verdict,
        "families": [_family(family) for family in score.families],
        "bars": [_bar(bar) for bar in score.bars],
    }


def _bar(bar: Bar) -> dict[str, Any]:
    return {
        "name": bar.name,
        "achieved": bar.achieved,
        "total": bar.total,
        "covered": list(bar.covered),
        "missing": list(bar.missing),
        "measured": bar.measured,
    }


def _evidence(used: UsedEvidence | None) -> dict[str, Any] | None:
    if used is None:
        return None
    return {
        "run": used.run,
        "started": datetime.fromtimestamp(used.started, UTC).isoformat(),
        "command": list(used.command),
        "revision": used.revision,
        "modified": used.modified,
        "tests": used.tests,
        "usable": used.usable,
        "changed": list(used.changed),
        "refuted": used.refuted,
        "confirmed": used.confirmed,
        "coverage": [_bar(bar) for bar in used.coverage],
        "redundant": None if used.redundant is None else list(used.redundant),
    }


def _noticed(noticed: Noticed | None) -> dict[str, Any] | None:
    if noticed is None:
        return None
    return {
        "began": datetime.fromtimestamp(noticed.at, UTC).isoformat(),
        "revision": noticed.revision,
        "modified": noticed.modified,
        "narrowed": list(noticed.narrowed),
        "doubt": noticed.doubt,
        "changed": list(noticed.changed),
        "seeded": noticed.seeded,
        "rate": None if noticed.doubt else _rate(noticed.rate),
        "families": [
            {"family": each.family.value, "seeded": each.seeded, "rate": _rate(each.rate)}
            for each in noticed.families
        ],
    }


def _rate(rate: Rate) -> dict[str, Any]:
    low, high = rate.interval
    return {"escaped": rate.count, "of": rate.of, "share": rate.share, "low": low, "high": high}


def _family(family: FamilyScore) -> dict[str, Any]:
    return {
        "family": family.family.value,
        "title": family.family.words,
        "value": family.value,
        "cap": family.cap,
        "facts": [_fact(fact) for fact in family.facts],
        "touched": _fact(family.touched) if family.touched is not None else None,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "name": fact.name,
        "achieved": fact.achieved,
        "total": fact.total,
        "weight": fact.weight,
        "explanation": fact.explanation,
        "measured": fact.measured,
        "proven": fact.proven,
    }


def _project(project: ProjectSummary) -> dict[str, Any]:
    return {
        "name": project.name,
        "files": dict(sorted(project.files.items())),
        "lines": project.lines,
        "frameworks": list(project.frameworks),
        "source_roots": list(project.source_roots),
        "test_commands": list(project.test_commands),
        "left_out": [{"path": each.path, "reason": each.reason} for each in project.left_out],
        "elapsed": round(project.elapsed, 3),
    }
