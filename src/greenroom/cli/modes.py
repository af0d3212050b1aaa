"""`greenroom modes`."""

import json
from collections.abc import Iterable, Iterator

import click

from greenroom import api
from greenroom.cli import ExitCode
from greenroom.model.mode import FailureMode


@click.command("modes")
@click.argument("prefix", default="", metavar="[PREFIX]")
@click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="How to write the list.",
)  # fmt: skip
def command(prefix: str, output_format: str) -> int:
    """List all failure modes.

    PREFIX narrows the list: `TST`, `EVL0`.
    """
    modes = [mode for mode in api.modes() if mode.code.startswith(prefix.upper())]
    if output_format == "json":
        click.echo(json.dumps([_as_json(mode) for mode in modes], indent=2, ensure_ascii=False))
    elif modes:
        click.echo("\n".join(_lines(modes)))
    if not modes:
        click.echo(f"greenroom: no code begins with {prefix!r}", err=True)
        return ExitCode.WRONG_USE
    return ExitCode.CLEAN


def _lines(modes: Iterable[FailureMode]) -> Iterator[str]:
    listed = list(modes)
    width = max(len(mode.name) for mode in listed)
    for mode in listed:
        yield f"{mode.code}  {mode.name:<{width}}  {mode.summary}"


def _as_json(mode: FailureMode) -> dict[str, object]:
    return {
        "code": mode.code,
        "name": mode.name,
        "family": mode.family.value,
        "summary": mode.summary,
        "consequence": mode.consequence,
        "remedy": mode.remedy,
        "source": mode.source,
        "lenses": sorted(lens.value for lens in mode.lenses),
    }
