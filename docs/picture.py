"""Draws the README's picture from a real audit of the bundled example: `make picture`."""

import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from greenroom import api
from greenroom.report import RenderOptions, render
from greenroom.report.sources import SourceReader

_HERE = Path(__file__).parent
_WIDTH = 108
_LINES = 60
_WEB_FONT = re.compile(r"@font-face \{.*?\}", re.DOTALL)


def main() -> None:
    """Write `images/audit.svg`."""
    project = Path("examples/helpdesk")
    options = RenderOptions(colour=True, width=_WIDTH, path_prefix="")
    audit = api.audit(project)
    text = render(audit, api.modes(), "full", options=options, lines=SourceReader(project))
    console = Console(record=True, width=_WIDTH, file=sys.stderr, force_terminal=True)
    console.print(Text.from_ansi("\n".join(text.splitlines()[:_LINES])), overflow="ignore", crop=True)
    drawing = console.export_svg(title="greenroom audit examples/helpdesk")
    drawing = _WEB_FONT.sub("", drawing).replace("Fira Code", "ui-monospace, SFMono-Regular, Menlo")
    (_HERE / "images" / "audit.svg").write_text(drawing, encoding="utf-8")


if __name__ == "__main__":
    main()
