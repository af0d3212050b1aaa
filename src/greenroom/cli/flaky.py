"""`greenroom flaky`."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from greenroom import api
from greenroom.cli import ExitCode
from greenroom.cli.options import settings_flags
from greenroom.model.flakiness import Flakiness, Kind, Order, Repetition
from greenroom.record.encoding import encode
from greenroom.store.flakiness import recall_repetitions

_VERSION = 1


@click.command("flaky")
@click.argument("path", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
@settings_flags("store")
@click.option(
    "--output-format", type=click.Choice(["full", "json"]), default="full", show_default=True,
    help="How to write the list.",
)  # fmt: skip
def command(path: Path, output_format: str, **flags: Any) -> int:
    """Show the tests that did not always end alike, and one line that reproduces each.

    PATH is the project's folder. Shown is what the newest `greenroom record --repeat` has found. The exit code
    is 1 where a test is flaky or depends on the order; slow tests alone leave it 0.
    """
    repetitions = recall_repetitions(path, api.configure(path, flags))
    if not repetitions:
        hint = "record them: greenroom record --repeat 10 --shuffle -- pytest"
        click.echo(f"greenroom: no repeated runs yet; {hint}", err=True)
        return ExitCode.NOTHING_TO_CHECK
    newest = repetitions[0]
    if output_format == "json":
        document = {"version": _VERSION, "share": newest.rate.share, "interval": list(newest.rate.interval)}
        click.echo(json.dumps(document | encode(newest), indent=2))
    else:
        click.echo("\n".join(repetition_lines(newest)))
    return ExitCode.FINDINGS if newest.rate.count else ExitCode.CLEAN


def repetition_lines(repetition: Repetition) -> Iterator[str]:
    """What came of it, finding by finding; the closing line counts."""
    for finding in repetition.findings:
        yield from _of(finding)
    yield from repetition.notes
    runs = {order: sum(trial.order is order for trial in repetition.trials) for order in Order}
    told = ", ".join(f"{count} {order}" for order, count in runs.items() if count)
    counts = [f"{sum(each.kind is kind for each in repetition.findings)} {kind}" for kind in Kind]
    extra = f", {repetition.extra} more to find causes" if repetition.extra else ""
    share = f"; {repetition.rate} do not always end alike" if repetition.tests else ""
    yield f"{shlex.join(repetition.command)}: {repetition.tests} tests in runs: {told}{extra}"
    yield f"{', '.join(counts)}{share}"


def _of(finding: Flakiness) -> Iterator[str]:
    from greenroom.catalogue import find  # noqa: PLC0415  - who finds nothing need not load all of it

    place = finding.place
    yield f"{place.path}:{place.line}:{place.column}: {find(finding.kind).code} {finding.message}"
    for ended in finding.ended:
        yield f"    {ended.order}: failed {ended.failed} of {ended.of}, {ended.rate}"
    if finding.failures:
        yield f"    failed with {', '.join(finding.failures)}"
    for hint in finding.hints:
        yield f"    {'cause' if hint.measured else 'perhaps'}: {hint.cause}: {hint.evidence}"
    if finding.reproduce:
        yield f"    try: {finding.reproduce}"
