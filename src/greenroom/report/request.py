"""What a format is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from greenroom.model.audit import Audit
from greenroom.model.finding import Finding
from greenroom.model.mode import FailureMode
from greenroom.model.place import Place
from greenroom.report.options import RenderOptions
from greenroom.report.sources import SourceLines, no_source


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """One audit, and all that is needed to write about it."""

    audit: Audit
    modes: Mapping[str, FailureMode] = field(default_factory=dict)
    """By code, sorted."""
    options: RenderOptions = field(default_factory=RenderOptions)
    lines: SourceLines = no_source
    pages: Mapping[str, str] = field(default_factory=dict)
    """Markdown by code."""

    @property
    def shown(self) -> tuple[Finding, ...]:
        """The default selection, in the order of the audit."""
        return tuple(finding for finding in self.audit.findings if finding.shown)

    def path(self, place: Place) -> str:
        """The place's path, seen from the working directory."""
        return f"{self.options.path_prefix}{place.path}"

    def location(self, place: Place) -> str:
        """`path:line:column`, which terminals and editors make clickable."""
        return f"{self.path(place)}:{place.line}:{place.column}"

    def consequence(self, finding: Finding) -> str:
        """What would happen in production: the finding's own sentence, else its mode's."""
        mode = self.modes.get(finding.code)
        return finding.consequence or (mode.consequence if mode else "")

    def remedy(self, finding: Finding) -> str:
        """What to do: the finding's own sentence, else its mode's."""
        mode = self.modes.get(finding.code)
        return finding.remedy or (mode.remedy if mode else "")
