"""Everything that one audit found out."""

from dataclasses import dataclass

from greenroom.model.application import Application
from greenroom.model.call import Call
from greenroom.model.finding import Finding
from greenroom.model.integration_point import IntegrationPoint
from greenroom.model.mode import Family
from greenroom.model.noticed import Noticed
from greenroom.model.route import Route
from greenroom.model.score import Score
from greenroom.model.test_case import TestCase
from greenroom.model.used_evidence import UsedEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something that was not read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSummary:
    """What was read, and what was left out."""

    name: str
    files: dict[str, int]
    """Python files by kind: production, tests, scripts, examples, vendored, generated, archived …"""
    lines: int
    """Of all Python files read."""
    frameworks: tuple[str, ...]
    source_roots: tuple[str, ...]
    test_commands: tuple[str, ...]
    """The commands by which the project runs its tests, as documented or in CI."""
    left_out: tuple[LeftOut, ...]
    elapsed: float
    """Seconds."""
    absent: tuple[Family, ...] = ()
    """Families without a score of which nothing stands in the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The result of `greenroom audit`: plain data, rendered elsewhere."""

    project: ProjectSummary
    findings: tuple[Finding, ...]
    """Of every confidence, sorted as they should be read; `shown` marks the default selection."""
    tests: tuple[TestCase, ...]
    integration_points: tuple[IntegrationPoint, ...]
    routes: tuple[Route, ...]
    score: Score
    critical: tuple[str, ...] = ()
    """The setting of this name: `METHOD PATH [WORTH]`, what must not break."""
    evidence: UsedEvidence | None = None
    """The recorded run that outranks what was read; None where none was used."""
    noticed: Noticed | None = None
    """The latest campaign of `prove`; None where there was none."""
    applications: tuple[Application, ...] = ()
    """What the routes hang on, and who starts it."""
    calls: tuple[Call, ...] = ()
    """What the front end asks for."""
    notices: tuple[str, ...] = ()
    """Unused suppressions, stale baseline entries and the like."""
