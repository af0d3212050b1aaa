"""`greenroom init`."""

import tomllib
from pathlib import Path

import click

from greenroom.cli import ExitCode
from greenroom.cli.options import FLAGS
from greenroom.project.declared.configuration import OWN_FILE, SHARED_FILE
from greenroom.project.files.notations import parse_toml, table_at
from greenroom.report.output import write_report


@click.command("init")
@click.argument("path", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
def command(path: Path) -> int:
    """Write a commented [tool.greenroom] section into pyproject.toml.

    A project without a pyproject.toml gets a greenroom.toml instead. What is there stays as it is.
    """
    own, shared = path / OWN_FILE, path / SHARED_FILE
    if own.exists():
        return _refuse(own)
    if not shared.exists():
        return _write(own, f"{_section()}")
    try:
        text = shared.read_text(encoding="utf-8")
        tool = table_at(parse_toml(text), "tool")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.FileError(str(shared), f"it is not valid TOML: {error}") from error
    if "greenroom" in tool:
        return _refuse(shared)
    return _write(shared, f"{text.rstrip()}\n\n[tool.greenroom]\n{_section()}")


def _section() -> str:
    """Every setting as a comment: the defaults hold until one is taken away."""
    lines = [f"# {flag.help}\n# {flag.setting} = {flag.example}\n" for flag in FLAGS]
    return "# Settings of greenroom: take away the # before a setting to change it.\n" + "".join(lines)


def _write(file: Path, text: str) -> int:
    try:
        write_report(file, text)
    except OSError as error:
        raise click.FileError(str(file), error.strerror or str(error)) from error
    click.echo(f"{file}: settings written, all commented out. Next: greenroom audit {file.parent}")
    return ExitCode.CLEAN


def _refuse(file: Path) -> int:
    click.echo(f"greenroom: {file} has settings of greenroom already; nothing was changed", err=True)
    return ExitCode.WRONG_USE
