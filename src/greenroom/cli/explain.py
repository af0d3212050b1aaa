"""`greenroom explain`."""

from importlib import import_module

import click

from greenroom import api
from greenroom.cli.output import wants_colour


@click.command("explain")
@click.argument("mode", metavar="CODE|NAME")
def command(mode: str) -> None:
    """Show the page of a failure mode, by code or name."""
    text = api.explain(mode)
    if wants_colour():
        markdown = import_module("rich.markdown").Markdown(text)
        import_module("rich.console").Console().print(markdown)
    else:
        click.echo(text, nl=not text.endswith("\n"))
