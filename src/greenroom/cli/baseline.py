"""`greenroom baseline`."""

from pathlib import Path
from typing import Any

import click

from greenroom import api
from greenroom.cli import ExitCode
from greenroom.cli.options import settings_flags
from greenroom.cli.progress import ShownProgress


@click.command("baseline")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@settings_flags("baseline", "possible", "exclude", "source-roots", "tests")
@click.option("--accept-new", is_flag=True, help="Let an existing baseline grow.")
def command(path: Path, *, accept_new: bool, **flags: Any) -> int:
    """Accept today's findings; from here on the baseline may only shrink.

    The first call writes all findings that `greenroom audit` shows. Every later one drops what is no
    longer found; what is new is listed, and only taken in with --accept-new.
    """
    settings = api.configure(path, flags)
    with ShownProgress() as progress:
        revision = api.update_baseline(path, settings, accept_new=accept_new, progress=progress)
    for finding in revision.refused:
        click.echo(f"{finding.place.path}:{finding.place.line}: {finding.code} {finding.message}")
    kept = sum(revision.baseline.entries.values()) - revision.added
    click.echo(f"{settings.baseline}: {revision.added} added, {revision.removed} removed, {kept} kept")
    if not revision.refused:
        return ExitCode.CLEAN
    click.echo(
        f"greenroom: {len(revision.refused)} new, not accepted: fix them, suppress them with a reason, "
        "or run with --accept-new",
        err=True,
    )
    return ExitCode.FINDINGS
