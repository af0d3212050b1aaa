"""Where a report goes: the terminal or a file, in one of the formats."""

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import click

from greenroom import api
from greenroom.model.audit import Audit
from greenroom.report import FORMATS, RenderOptions, render
from greenroom.report.output import write_report
from greenroom.report.sources import SourceReader

_WITH_PAGES = frozenset({"sarif"})
_WIDEST = 120
"""Columns; prose in longer lines is hard to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One report: a format, and the file that it goes to."""

    format_name: str
    file: Path | None = None
    """None for standard output."""


def read_destination(value: str) -> Destination:
    """Read `FORMAT=FILE`, as in `--report sarif=greenroom.sarif`."""
    format_name, _, file = value.partition("=")
    if format_name not in FORMATS or not file:
        message = f"{value!r} must read FORMAT=FILE with one of {', '.join(FORMATS)}"
        raise click.BadParameter(message)
    return Destination(format_name=format_name, file=Path(file))


def deliver(audit: Audit, root: Path, destination: Destination, *, show_hidden: bool) -> None:
    """Render the audit and write it: to standard output, or to a file as a whole.

    Raises:
        click.ClickException: it cannot be written; no file is left half-written.
    """
    text = render(
        audit,
        api.modes(),
        destination.format_name,
        options=_options(root, destination.file, show_hidden=show_hidden),
        lines=SourceReader(root),
        pages=api.pages() if destination.format_name in _WITH_PAGES else None,
    )
    deliver_text(text, destination.file)


def deliver_text(text: str, file: Path | None) -> None:
    """Write a report: to standard output, or to a file as a whole.

    Raises:
        click.ClickException: it cannot be written; no file is left half-written.
    """
    try:
        if file is None:
            click.echo(text, nl=not text.endswith("\n"))
        else:
            write_report(file, text)
    except BrokenPipeError:
        raise  # the reader has seen enough; click knows what to do
    except OSError as error:
        message = f"could not write {file or 'standard output'}: {error.strerror or error}"
        raise click.ClickException(message) from error


def wants_colour() -> bool:
    """Only a terminal does, and NO_COLOR or a dumb terminal says no."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _options(root: Path, file: Path | None, *, show_hidden: bool) -> RenderOptions:
    width = min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)
    return RenderOptions(
        colour=file is None and wants_colour(),
        width=width,
        encoding="utf-8" if file else sys.stdout.encoding or "utf-8",
        path_prefix=_path_prefix(root),
        version=version("greenroom"),
        show_hidden=show_hidden,
    )


def _path_prefix(root: Path) -> str:
    """From the working directory to the project, so that terminals make the lines clickable."""
    try:
        relative = root.resolve().relative_to(Path.cwd())
    except ValueError:
        return f"{root.as_posix().rstrip('/')}/"
    return "" if relative == Path() else f"{relative.as_posix()}/"
