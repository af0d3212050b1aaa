"""The sample in every format, and what is expected of it word for word."""

from pathlib import Path
from typing import Final

from greenroom.model.audit import Audit
from greenroom.report import RenderOptions, render
from tests.report.sample import MODES, rich_audit, sample_lines

DATA: Final = Path(__file__).parent / "data"

EXPECTED: Final = {
    "full": "full.txt",
    "concise": "concise.txt",
    "json": "audit.json",
    "sarif": "audit.sarif",
    "github": "github.txt",
    "junit": "junit.xml",
    "markdown": "audit.md",
}
"""Format → the file that holds what the rich audit looks like in it."""


def rendered(format_name: str, audit: Audit | None = None, options: RenderOptions | None = None) -> str:
    """An audit, by default the rich one, in a format."""
    options = options or RenderOptions(version="1.2.3")
    return render(audit or rich_audit(), MODES, format_name, options=options, lines=sample_lines)
