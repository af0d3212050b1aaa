"""Tests whose file cannot be imported, or what it loads before its first line is through: none of them runs."""

from collections.abc import Iterable
from dataclasses import replace

from greenroom.model.finding import Confidence, Finding
from greenroom.model.integration_point import IntegrationPoint
from greenroom.project.calls.imported import loaded_at_once
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.web.requests import find_requests


def without_shut_out(project: Project, findings: Iterable[Finding]) -> Project:
    """The same project, of which such tests neither run nor request a route.

    Args:
        project: As it was read.
        findings: Of every confidence, before any selection.
    """
    reasons = _reasons(project, _broken(findings))
    suite = project.suite
    idle = {item.function for item in suite.items if item.module.path in reasons}
    if not idle:
        return project
    cases = tuple(
        replace(case, runs=False, reasons=(reasons[case.path], *case.reasons))
        if case.path in reasons
        else case
        for case in suite.tests
    )
    running = {case.id for case in cases if case.path not in reasons}
    return replace(
        project,
        suite=replace(suite, tests=cases),
        integration_points=tuple(_met_by(running, point) for point in project.integration_points),
        requests=find_requests(project.modules, project.graph, project.routes, suite.idle() | idle),
    )


def _met_by(running: set[str], point: IntegrationPoint) -> IntegrationPoint:
    return replace(
        point,
        tests_real=tuple(each for each in point.tests_real if each in running),
        tests_doubled=tuple(each for each in point.tests_doubled if each in running),
        failures_provoked=tuple(each for each in point.failures_provoked if each in running),
    )


def _broken(findings: Iterable[Finding]) -> dict[str, Finding]:
    """The files that stop before their last line, with what stops them."""
    return {
        place.path: finding
        for finding in findings
        if finding.stops and finding.confidence is not Confidence.POSSIBLE
        for place in (*finding.sites, finding.place)
        if not place.symbol
    }


def _reasons(project: Project, broken: dict[str, Finding]) -> dict[str, str]:
    """By file of tests, why it cannot be imported."""
    found = {}
    for module in project.modules.values() if broken else ():
        if module.kind is FileKind.TEST:
            loaded = {each.path for each in loaded_at_once(project.symbols, module)}
            for path in sorted(loaded & broken.keys())[:1]:
                found[module.path] = f"its file cannot be imported: {broken[path].message}"
    return found
