"""Joins a recorded run with a project that was read: labels, findings and figures as the run has them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from greenroom.detect.coverage.critical_paths import critical_path_coverage
from greenroom.detect.coverage.doubles import double_fidelity
from greenroom.detect.coverage.endpoints import endpoint_coverage, socket_coverage
from greenroom.detect.coverage.error_paths import error_path_coverage
from greenroom.detect.coverage.integration import integration_coverage
from greenroom.detect.coverage.redundant import redundant_tests
from greenroom.detect.observed.judgement import REFUTED, Judgement
from greenroom.detect.observed.labels import Labels
from greenroom.detect.observed.points import SeenPoints
from greenroom.detect.observed.reach import SeenReach
from greenroom.detect.observed.routes import SeenRoutes
from greenroom.detect.observed.seen_run import SeenRun
from greenroom.model.evidence import Run, TestEvidence
from greenroom.model.finding import Finding
from greenroom.model.score import Bar
from greenroom.model.test_case import TestCase
from greenroom.model.used_evidence import UsedEvidence
from greenroom.project.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A project as read and as a run saw it: where both say something, the run is believed."""

    project: Project
    """With the labels of its tests, and with its integration points, as observed."""
    findings: tuple[Finding, ...]
    seen: SeenRun
    routes: SeenRoutes
    reach: SeenReach
    used: UsedEvidence


def observe(
    project: Project,
    findings: Iterable[Finding],
    run: Run,
    tests: Iterable[TestEvidence],
    contents: Mapping[str, str],
) -> Observed:
    """Join a run with a project.

    Args:
        project: As it was read.
        findings: Of every confidence, before any selection.
        run: A finished one.
        tests: Its evidence.
        contents: Digests of the project's files as they are now.
    """
    seen = SeenRun(run, tests, project, contents)
    routes, points = SeenRoutes(seen), SeenPoints(seen)
    labels = Labels(seen, routes)
    suite = project.suite
    cases = tuple(labels.of(case, item) for case, item in zip(suite.tests, suite.items, strict=True))
    read = tuple(findings)
    judged = Judgement(seen, points).of(read)
    return Observed(
        project=replace(
            project, suite=replace(suite, tests=cases), integration_points=points.merged()
        ),
        findings=judged,
        seen=seen,
        routes=routes,
        reach=SeenReach(seen),
        used=UsedEvidence(
            run=run.id, started=run.started, command=run.command, revision=run.revision, modified=run.modified,
            tests=len(seen.contained), usable=len(seen.tests), changed=tuple(sorted(seen.changed)),
            refuted=sum(each.hidden_because.startswith(REFUTED) for each in judged),
            confirmed=_confirmed(read, judged), coverage=_figures(seen, routes, points),
            redundant=redundant_tests(seen, _by_id(cases)),
        ),
    )  # fmt: skip


def _figures(seen: SeenRun, routes: SeenRoutes, points: SeenPoints) -> tuple[Bar, ...]:
    """Those for which the project has something to cover."""
    figures = (
        endpoint_coverage(seen, routes),
        socket_coverage(seen, routes),
        critical_path_coverage(seen, routes),
        integration_coverage(seen, points),
        error_path_coverage(seen),
        double_fidelity(seen),
    )
    return tuple(each for each in figures if each.total)


def _confirmed(read: tuple[Finding, ...], judged: tuple[Finding, ...]) -> int:
    return sum(before.confidence is not after.confidence for before, after in zip(read, judged, strict=True))


def _by_id(cases: tuple[TestCase, ...]) -> dict[str, TestCase]:
    return {case.id: case for case in cases}
