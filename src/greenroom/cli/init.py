"""`greenroom init`."""

import re
import tomllib
from pathlib import Path

import click

from greenroom.cli import ExitCode
from greenroom.cli.options import FLAGS
from greenroom.project.declared.configuration import OWN_FILE, SHARED_FILE
from greenroom.project.files.notations import parse_toml, table_at
from greenroom.report.output import write_report

_LINE = re.compile(r"\(at line (\d+),")
"""As tomllib says where it stopped; else it says that it came to the end, or no place."""


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
    content = shared.read_bytes()
    try:
        text = content.decode("utf-8")
        tool = table_at(parse_toml(text), "tool")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = f"byte 0x{content[error.start]:02x} on line {line} is not UTF-8"
        return _refuse_invalid(shared, line, problem)
    except tomllib.TOMLDecodeError as error:
        at = _LINE.search(str(error))
        line = int(at[1]) if at else len(text.splitlines()) if "end of document" in str(error) else 0
        return _refuse_invalid(shared, line, str(error))
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


def _refuse_invalid(file: Path, line: int, problem: str) -> int:
    where = f"{file}:{line}" if line else str(file)
    click.echo(f"greenroom: {where}: this is not valid TOML: {problem}", err=True)
    click.echo("Nothing was changed. Correct the file, then: greenroom init " + str(file.parent), err=True)
    return ExitCode.WRONG_USE


def _refuse(file: Path) -> int:
    click.echo(f"greenroom: {file} has settings of greenroom already; nothing was changed", err=True)
    return ExitCode.WRONG_USE
