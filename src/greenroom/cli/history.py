"""`greenroom history`."""

from pathlib import Path
from typing import Any

import click

from greenroom import api
from greenroom.cli import ExitCode
from greenroom.cli.options import settings_flags
from greenroom.cli.output import deliver_text
from greenroom.cli.progress import ShownProgress
from greenroom.model.history import Fate
from greenroom.report.history import HISTORY_FORMATS, render_history


@click.command("history")
@click.argument("span", default="", metavar="[RANGE]")
@click.option("--path", "path", default=".", type=click.Path(path_type=Path), help="The project's folder.")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="The last N commits.  [default: 40]")
@click.option("--since", default="", metavar="REV|DATE", help="The commits since a revision or a date.")
@settings_flags("exclude", "source-roots", "tests")
@click.option(
    "--output-format", type=click.Choice(HISTORY_FORMATS), default="full", show_default=True,
    help="How to write the report.",
)  # fmt: skip
@click.option(
    "--output-file", type=click.Path(path_type=Path), help="Where to write it, instead of standard output."
)
@click.option("--all", "show_all", is_flag=True, help="List what is not lost, too, and every list in full.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 although tests are lost.")
def command(  # noqa: PLR0913  - the options of a command are its parameters
    span: str,
    path: Path,
    last: int | None,
    since: str,
    *,
    output_format: str,
    output_file: Path | None,
    show_all: bool,
    exit_zero: bool,
    **flags: Any,
) -> int:
    """Say which tests a range of commits deleted, and which of them are lost.

    RANGE is in git's words, such as v1.0..v2.0. Commits are those of the main line (git's --first-parent).
    Nothing of the project is run, and the repository is only read.
    """
    if sum(map(bool, (span, last, since))) > 1:
        message = "RANGE, --last and --since exclude one another"
        raise click.UsageError(message)
    settings = api.configure(path, flags)
    with ShownProgress() as progress:
        found = api.history(path, settings, last=last or 40, since=since, span=span, progress=progress)
    deliver_text(render_history(found, output_format, show_all=show_all), output_file)
    lost = found.count(Fate.LOST) + found.count(Fate.LOST, tests=False)
    return ExitCode.FINDINGS if lost and not exit_zero else ExitCode.CLEAN
