"""Failures as the user sees them: what happened, where, what to do; a traceback only when asked for."""

import errno
import traceback

import click

from greenroom.catalogue import UnknownModeError
from greenroom.cli import ExitCode
from greenroom.project.files.errors import ConfigurationError, NothingToCheckError, ProjectError
from greenroom.record.command import CommandNotStartedError
from greenroom.record.quarantine import QuarantineError

_INTERRUPTED = 130
"""As shells count: 128 and the number of SIGINT."""
_NOT_STARTED = 127
"""As shells say that there is no such command."""
_OF_THE_SYSTEM = frozenset(
    {errno.EACCES, errno.EDQUOT, errno.ENOSPC, errno.ENOTDIR, errno.EPERM, errno.EROFS}
)
"""What a folder that cannot be written answers, or a full disk: the user's to change, and no defect of ours."""


def report_failure(error: Exception, *, debug: bool) -> int:
    """Say on stderr what went wrong; the exit code that belongs to it."""
    if isinstance(error, click.Abort) and isinstance(error.__cause__, EOFError):
        # click takes it for the end of somebody's input; it is one of ours, such as a truncated module.
        return _report_defect(error.__cause__, debug=debug)
    if isinstance(error, click.Abort):
        click.echo("interrupted", err=True)
        return _INTERRUPTED
    if isinstance(error, click.ClickException):
        error.show()
        return ExitCode.WRONG_USE
    if isinstance(error, ConfigurationError):
        _say("the configuration is not valid:", *(f"  {problem}" for problem in error.problems))
        return ExitCode.WRONG_USE
    if isinstance(error, NothingToCheckError):
        _say(f"nothing to check: {error}")
        return ExitCode.NOTHING_TO_CHECK
    if isinstance(error, CommandNotStartedError):
        _say(str(error))
        return _NOT_STARTED
    if isinstance(error, ProjectError | UnknownModeError | QuarantineError):
        _say(str(error))
        return ExitCode.WRONG_USE
    if isinstance(error, OSError) and error.errno in _OF_THE_SYSTEM and not debug:
        where = f"{error.filename}: " if error.filename else ""
        _say(
            f"{where}{error.strerror}.",
            "Greenroom keeps what it records and tries below `.greenroom` in the project: that must be a folder that can be",
            "written, with room left. Or work on a copy of the project. (--debug shows where it happened.)",
        )
        return ExitCode.WRONG_USE
    return _report_defect(error, debug=debug)


def _report_defect(error: Exception, *, debug: bool) -> int:
    if debug:
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    where = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" ({where[0].filename}:{where[0].lineno})" if where else ""
    _say(
        f"internal error: {type(error).__name__}: {error}{place}",
        "This is a defect of Greenroom, not of your project.",
        *([] if debug else ["Run the same command with --debug, and report what it prints."]),
    )
    return ExitCode.INTERNAL


def _say(first: str, *rest: str) -> None:
    click.echo("\n".join([f"greenroom: {first}", *rest]), err=True)
