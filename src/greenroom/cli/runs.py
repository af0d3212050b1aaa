"""`greenroom runs`."""

import json
import shlex
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from greenroom import api
from greenroom.cli import ExitCode
from greenroom.cli.options import settings_flags
from greenroom.model.run_summary import RunSummary

_VERSION = 1


@click.command("runs")
@click.argument("path", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
@settings_flags("store")
@click.option(
    "--output-format", type=click.Choice(["full", "json"]), default="full", show_default=True,
    help="How to write the list.",
)  # fmt: skip
def command(path: Path, output_format: str, **flags: Any) -> int:
    """List the recorded runs of the tests, newest first.

    PATH is the project's folder. Each line tells the run's id, when it began and how long it took, how its
    tests ended, and the command.
    """
    runs = api.runs(path, api.configure(path, flags))
    if output_format == "json":
        document = {"version": _VERSION, "runs": [_as_json(run) for run in runs]}
        click.echo(json.dumps(document, indent=2))
    elif runs:
        click.echo("\n".join(_lines(runs)))
    if not runs:
        click.echo("greenroom: no run is recorded yet; record one: greenroom record -- pytest", err=True)
        return ExitCode.NOTHING_TO_CHECK
    return ExitCode.CLEAN


def _lines(runs: Iterable[RunSummary]) -> Iterator[str]:
    for summary in runs:
        run = summary.run
        began = datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        told = (began, f"{run.seconds:.1f} s", _tests(summary), _end(run.exit_code), shlex.join(run.command))
        yield "  ".join((run.id, *told))


def _tests(summary: RunSummary) -> str:
    return ", ".join(f"{times} {outcome}" for outcome, times in summary.outcomes.items()) or "no tests"


def _end(exit_code: int | None) -> str:
    return "not ended" if exit_code is None else f"exit {exit_code}"


def _as_json(summary: RunSummary) -> dict[str, object]:
    run = summary.run
    return {
        "id": run.id,
        "started": datetime.fromtimestamp(run.started, UTC).isoformat(),
        "seconds": run.seconds,
        "exit_code": run.exit_code,
        "tests": {outcome.value: times for outcome, times in summary.outcomes.items()},
        "command": list(run.command),
        "revision": run.revision,
        "modified": run.modified,
        "python": run.python,
        "greenroom": run.greenroom,
    }
