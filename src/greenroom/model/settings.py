"""What a user may set; where it comes from is the business of `project.configuration`."""

from dataclasses import dataclass, field

from greenroom.model.finding import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Defaults ← `[tool.greenroom]` ← environment (`GREENROOM_…`) ← flags."""

    select: tuple[str, ...] = ()
    """Codes or prefixes to report; empty: all."""
    ignore: tuple[str, ...] = ()
    """Codes or prefixes not to report; the longer prefix of the two wins."""
    per_file_ignores: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Glob of paths → codes or prefixes."""
    exclude: tuple[str, ...] = ()
    """Globs of paths which are not read at all."""
    source_roots: tuple[str, ...] = ()
    """Folders that are on the import path; empty: found out."""
    tests: tuple[str, ...] = ()
    """Globs of paths which are tests, beside those found out."""
    possible: bool = False
    """Whether to show findings of confidence `possible`."""
    fail_on: tuple[str, ...] = ("low",)
    """Severities (at least), codes, or `score<N`: what makes the exit code 1."""
    baseline: str = ".greenroom-baseline.json"
    """Relative to the project's root."""
    minimum_severity: Severity = Severity.LOW
    store: str = ".greenroom/greenroom.db"
    """Where runs and audits are kept: a file, relative to the project's root, or `postgresql://…`."""
    keep_runs: int = 50
    """How many runs keep their evidence and their journals; of older ones only the counts stay."""
    critical: tuple[str, ...] = ()
    """What must not break: `METHOD PATH [WORTH]`; empty: every route that changes something."""
    evidence: str = "latest"
    """The recorded run that outranks what is read: `latest`, `none`, or the id of a run."""
