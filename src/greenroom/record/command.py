"""Starts the command that runs the tests, and lets nobody notice that it did."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from greenroom.record import environment
from greenroom.record.run_folder import RunFolder

_FORWARDED = ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_STDERR = 2


class CommandNotStartedError(Exception):
    """The command could not be started; the message says why."""


def record_command(
    command: Sequence[str], root: Path, without: Sequence[str] = (), also: Sequence[str] = ()
) -> tuple[int, Path]:
    """Run the command and keep what is recorded below the project's root.

    Returns:
        Its exit code, and the folder of the run.

    Raises:
        CommandNotStartedError: there is no such program, or it may not be run.
        OSError: the folder of the run cannot be made.
    """
    folder = RunFolder(root.resolve())
    folder.open(command)
    code = run_command(command, folder.path, without, also)
    folder.close(code)
    return code, folder.path


def run_command(
    command: Sequence[str], folder: Path, without: Sequence[str] = (), also: Sequence[str] = ()
) -> int:
    """Run it with our output and input, have its Python processes join the run, and wait.

    Returns:
        Its exit code as a shell has it: 128 and the signal's number where a signal ended it.

    Raises:
        CommandNotStartedError: there is no such program, or it may not be run.
    """
    conditions = {environment.WITH: ",".join(also)} if also else {}
    return start_command(command, folder, without, variables=conditions)


def start_command(
    command: Sequence[str],
    folder: Path,
    without: Sequence[str] = (),
    *,
    variables: Mapping[str, str],
    output: int | None = None,
) -> int:
    """Do the same with further variables, and with its output where `subprocess` has it; None: where ours goes."""
    variables = {**os.environ, **variables}
    variables.pop(environment.CURRENT_TEST, None)
    environment.announce(variables, str(folder))
    if without:
        variables[environment.WITHOUT] = ",".join(without)
    try:
        child = subprocess.Popen(command, env=variables, stdout=output, stderr=output)  # noqa: S603  - what the user asked for
    except OSError as error:
        message = f"{command[0]} could not be started: {error.strerror}"
        raise CommandNotStartedError(message) from error
    with _forwarding(child):
        code = child.wait()
    return code if code >= 0 else 128 - code


@contextmanager
def _forwarding(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Pass signals on; what the terminal sends, the child gets by itself."""

    def forward(number: int, _: FrameType | None) -> None:
        if number != signal.SIGINT or not _is_in_foreground():
            child.send_signal(number)

    numbers = [signal.SIGINT, *(getattr(signal, name) for name in _FORWARDED if hasattr(signal, name))]
    before = {number: signal.signal(number, forward) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_in_foreground() -> bool:
    """Whether a terminal would send its signals to this process and to the child alike."""
    try:
        return os.tcgetpgrp(_STDERR) == os.getpgrp()
    except OSError:
        return False
