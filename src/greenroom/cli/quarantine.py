"""`greenroom quarantine`."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import click

from greenroom import api
from greenroom.cli import ExitCode
from greenroom.record.quarantine import (
    Quarantined,
    QuarantineError,
    identify,
    read_quarantine,
    write_quarantine,
)
from greenroom.record.quarantine_file import find_quarantine
from greenroom.store.flakiness import count_passes

_DAYS = 30
_PASSES = 20
_Function = TypeVar("_Function", bound=Callable[..., object])


def _project(function: _Function) -> _Function:
    return click.option(
        "--project", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False), show_default=True,
        help="The project's folder; the file stands there, or above it.",
    )(function)  # fmt: skip


@click.group("quarantine")
def command() -> None:
    """Let tests fail without blocking, for a reason, by an owner, until a day.

    They are kept in `greenroom-quarantine.toml`, under version control. They still run: pytest tells their failure
    as an expected one, where `--greenroom-quarantine` or `--greenroom` is given and under `greenroom record`.
    """


@command.command("add")
@click.argument("test")
@click.option("--reason", required=True, help="Why it may fail: a ticket, a cause.")
@click.option("--owner", required=True, help="Who takes care of it.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help=f"The last day; {_DAYS} days from now where not given."
)
@_project
def add(test: str, reason: str, owner: str, until: datetime | None, project: Path) -> int:
    """Add TEST, named as pytest does: `tests/test_a.py::test_b`; without parameters it means all of them."""
    root = project.resolve()
    path, _, rest = test.partition("::")
    if not rest or not (root / path).is_file():
        message = f"{test}: name a test in a file, as tests/test_a.py::test_b; it is looked for in {root}"
        raise click.UsageError(message)
    expires = until.date() if until else _today() + timedelta(days=_DAYS)
    if expires < _today():
        message = f"--until {expires} is over; name a day to come"
        raise click.UsageError(message)
    file = find_quarantine(root)
    entry = Quarantined(
        id=identify(test, file, root), reason=reason.strip(), owner=owner.strip(), expires=expires
    )
    if not entry.reason or not entry.owner:
        message = "--reason and --owner are not to be empty"
        raise click.UsageError(message)
    others = [each for each in read_quarantine(file) if each.id != entry.id]
    write_quarantine(file, [*others, entry])
    click.echo(f"{entry.id} is in quarantine until {expires}: {file}")
    return ExitCode.CLEAN


@command.command("list")
@_project
def show(project: Path) -> int:
    """List the tests in quarantine."""
    entries = read_quarantine(find_quarantine(project.resolve()))
    for entry in entries:
        state = f"until {entry.expires}" if entry.holds(_today()) else f"EXPIRED {entry.expires}"
        click.echo(f"{entry.id}  {state}  {entry.owner}  {entry.reason}")
    if not entries:
        click.echo("greenroom: no test is in quarantine", err=True)
    return ExitCode.CLEAN


@command.command("remove")
@click.argument("tests", nargs=-1, required=True)
@_project
def remove(tests: tuple[str, ...], project: Path) -> int:
    """Take TESTS out: they block again."""
    root = project.resolve()
    file = find_quarantine(root)
    entries = read_quarantine(file)
    named = {identify(test, file, root) for test in tests} | set(tests)
    missing = [
        test for test in tests if not {test, identify(test, file, root)} & {entry.id for entry in entries}
    ]
    if missing:
        message = (
            f"not in quarantine: {', '.join(missing)}. Nothing was changed; see: greenroom quarantine list"
        )
        raise QuarantineError(message)
    write_quarantine(file, [entry for entry in entries if entry.id not in named])
    click.echo(f"{len(tests)} out of quarantine: {file}")
    return ExitCode.CLEAN


@command.command("check")
@click.option(
    "--passes", type=click.IntRange(1), default=_PASSES, show_default=True,
    help="A test that has passed so often in a row, in recorded runs, is proposed for release.",
)  # fmt: skip
@_project
def check(passes: int, project: Path) -> int:
    """Say which entries have expired, which name no test file, and which tests may be released.

    The exit code is 1 where an entry has expired or names a file that is not there.
    """
    file = find_quarantine(project.resolve())
    entries = read_quarantine(file)
    gone = [entry for entry in entries if not (file.parent / entry.id.partition("::")[0]).is_file()]
    expired = [entry for entry in entries if not entry.holds(_today())]
    rows = count_passes(project, api.configure(project), [entry.id for entry in entries])
    for entry in expired:
        click.echo(f"{entry.id}: expired on {entry.expires} ({entry.owner}): it blocks again")
    for entry in gone:
        click.echo(f"{entry.id}: there is no such file; greenroom quarantine remove '{entry.id}'")
    for entry in entries:
        if rows.get(entry.id, 0) >= passes:
            click.echo(
                f"{entry.id}: passed {rows[entry.id]} times in a row; greenroom quarantine remove '{entry.id}'"
            )
    click.echo(f"{len(entries)} in quarantine, {len(expired)} expired", err=True)
    return ExitCode.FINDINGS if expired or gone else ExitCode.CLEAN


def _today() -> date:
    return datetime.now(UTC).astimezone().date()
