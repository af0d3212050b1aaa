"""The verdict: how real green is, as figures that open into facts."""

from collections.abc import Iterable

from greenroom.model.finding import Finding
from greenroom.model.score import Score
from greenroom.project.project import Project


def score(project: Project, findings: Iterable[Finding]) -> Score:
    """Placeholder."""
    del project, findings
    return Score(overall=None, cap=7.0, verdict="not judged yet", families=(), bars=())
