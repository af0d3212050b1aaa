"""`greenroom audit`."""

from pathlib import Path
from typing import Any

import click

from greenroom import api
from greenroom.cli import ExitCode
from greenroom.cli.options import settings_flags
from greenroom.cli.output import Destination, deliver, read_destination
from greenroom.cli.progress import ShownProgress
from greenroom.detect.gate import broken_rules
from greenroom.model.audit import Audit
from greenroom.model.settings import Settings
from greenroom.project.files.kind import FileKind
from greenroom.report import FORMATS
from greenroom.store.errors import StoreError


@click.command("audit")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@settings_flags(without=("keep-runs",))
@click.option("--since", metavar="REV", default="", help="Show only what lies on lines changed since REV.")
@click.option(
    "--history", "history_of", metavar="N|RANGE", default="",
    help="Look for tests that the last N commits lost, or those of a range such as v1.0..HEAD.",
)  # fmt: skip
@click.option(
    "--output-format", type=click.Choice(FORMATS), default="full", show_default=True,
    help="How to write the report.",
)  # fmt: skip
@click.option(
    "--output-file", type=click.Path(path_type=Path), help="Where to write it, instead of standard output."
)
@click.option(
    "--report", "reports", multiple=True, type=read_destination, metavar="FORMAT=FILE",
    help="Write a further report; may be repeated.",
)  # fmt: skip
@click.option("--show-hidden", is_flag=True, help="List what is hidden too, and why.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 in spite of findings.")
def command(  # noqa: PLR0913  - the options of a command are its parameters
    path: Path,
    since: str,
    output_format: str,
    output_file: Path | None,
    reports: tuple[Destination, ...],
    *,
    history_of: str,
    show_hidden: bool,
    exit_zero: bool,
    **flags: Any,
) -> int:
    """Read a project and say what can fail in production, and what its tests are worth.

    PATH is the project's folder. Nothing of the project is imported or run.
    """
    settings = api.configure(path, flags)
    with ShownProgress() as progress:
        audit = api.audit(path, settings, since=since, history_of=history_of, progress=progress)
    for destination in (Destination(format_name=output_format, file=output_file), *reports):
        deliver(audit, path, destination, show_hidden=show_hidden)
    code = _exit_code(audit, settings, exit_zero=exit_zero)
    if not since and code != ExitCode.NOTHING_TO_CHECK:
        _remember(audit, path, settings)
    return code


def _remember(audit: Audit, path: Path, settings: Settings) -> None:
    """Add it to the history; the report is there already, and what it says does not depend on this."""
    try:
        api.remember_audit(audit, path, settings)
    except StoreError as error:
        click.echo(f"greenroom: this audit was not added to the history: {error}", err=True)


def _exit_code(audit: Audit, settings: Settings, *, exit_zero: bool) -> ExitCode:
    if not audit.project.files.get(FileKind.PRODUCTION) and not audit.project.files.get(FileKind.TEST):
        click.echo("greenroom: nothing to check: neither production code nor tests were read", err=True)
        return ExitCode.NOTHING_TO_CHECK
    broken = broken_rules(audit, settings.fail_on)
    if not broken or exit_zero:
        return ExitCode.CLEAN
    if broken != Settings().fail_on:
        click.echo(f"greenroom: failed on {', '.join(_told(rule, audit) for rule in broken)}", err=True)
    return ExitCode.FINDINGS


def _told(rule: str, audit: Audit) -> str:
    """A rule with what stands against it, where that is a figure."""
    if not rule.startswith("score"):
        return rule
    return (
        f"{rule} ({'there is none' if audit.score.overall is None else f'it is {audit.score.overall:.1f}'})"
    )
