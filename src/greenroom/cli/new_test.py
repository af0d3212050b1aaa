"""`greenroom new-test`."""

import re
from pathlib import Path
from typing import Any

import click

from greenroom import api
from greenroom.campaign.missed import Wanted
from greenroom.cli import ExitCode
from greenroom.cli.options import settings_flags
from greenroom.cli.output import deliver_text

_PLACE = re.compile(r"(?P<path>.+):(?P<line>[1-9]\d*)")


def _place(_: click.Context, __: click.Parameter, value: str) -> tuple[str, int]:
    if not value:
        return "", 0
    found = _PLACE.fullmatch(value)
    if found is None:
        message = f"{value!r} is no place: write it as app/main.py:12"
        raise click.BadParameter(message)
    return found["path"].removeprefix("./"), int(found["line"])


@click.command("new-test")
@click.argument("incident", metavar="CODE|OPERATOR|ESCAPE")
@click.option(
    "--path",
    "place",
    default="",
    callback=_place,
    metavar="FILE:LINE",
    help="Where it happens, in the project.  [default: where it escaped last, or the gravest place]",
)
@click.option(
    "--project",
    default=".",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The project's folder.  [default: .]",
)
@settings_flags("exclude", "source-roots", "tests")
@click.option(
    "--output-file",
    type=click.Path(path_type=Path),
    help="Where to write it, instead of standard output; a file that is there stays as it is.",
)
def command(
    incident: str, *, place: tuple[str, int], project: Path, output_file: Path | None, **flags: Any
) -> int:
    """Write the test that would have noticed a failure.

    CODE is a failure mode (DEP001), OPERATOR what `prove` seeds (T1, drop-timeout), ESCAPE the key of one of its escapes.
    The test names the application, routes, requests and fixtures of the project. What cannot be read from the project's
    files says so, and fails.
    """
    if output_file is not None and output_file.exists():
        message = f"{output_file} is there already, and stays as it is: name another file"
        raise click.UsageError(message)
    path, line = place
    draft = api.new_test(
        project, Wanted(incident=incident, path=path, line=line), api.configure(project, flags), file=_within(output_file, project)
    )  # fmt: skip
    deliver_text(draft.text, output_file)
    where = f"{output_file or draft.file}"
    click.echo(f"{where}: {_told(draft.missing)}", err=True)
    return ExitCode.CLEAN


def _within(file: Path | None, project: Path) -> str:
    """A file as the project's tests are named."""
    if file is None:
        return ""
    try:
        return file.resolve().relative_to(project.resolve()).as_posix()
    except ValueError:
        return file.as_posix()


def _told(missing: tuple[str, ...]) -> str:
    if not missing:
        return "the test runs as it is"
    return "\n".join(["the test fails until these are filled in:", *(f"  {each}" for each in missing)])
