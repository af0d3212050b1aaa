"""The command line: what a user types, and the exit code that comes of it.

A command's module is imported when the command runs, so that `greenroom --help` starts at once.
"""

import gc
import sys
from collections.abc import Sequence
from enum import IntEnum
from importlib import import_module

import click

COMMANDS = {
    "audit": "Read a project and say what can fail in production, and what its tests are worth.",
    "baseline": "Accept today's findings; from here on the baseline may only shrink.",
    "explain": "Show the page of a failure mode, by code or name.",
    "flaky": "Show the tests that did not always end alike, and one line that reproduces each.",
    "history": "Say which tests a range of commits deleted, and which of them are lost.",
    "init": "Write a commented [tool.greenroom] section into pyproject.toml.",
    "modes": "List all failure modes.",
    "new-test": "Write the test that would have noticed a failure.",
    "prove": "Seed production failures into the code, and say how many would have reached production.",
    "quarantine": "Let tests fail without blocking, for a reason, by an owner, until a day.",
    "record": "Run the project's tests and record what each of them truly touches.",
    "runs": "List the recorded runs of the tests, newest first.",
}
"""Name and first line of the help; the rest stands in the command's own module."""


class ExitCode(IntEnum):
    """What the shell gets."""

    CLEAN = 0
    FINDINGS = 1
    """Findings, survivors, or a gate that failed."""
    WRONG_USE = 2
    INTERNAL = 3
    NOTHING_TO_CHECK = 5


_DEBUG = click.Option(
    ["--debug"], is_flag=True, expose_value=False, help="Show the traceback of an internal error."
)
"""Read by `run` from the arguments, as click itself may fail before it has read them."""


class LazyGroup(click.Group):
    """Knows its commands by name, and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"greenroom.cli.{cmd_name.replace('-', '_')}").command
        return _with_debug(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(_unknown_command(args[0]))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _with_debug(command: click.Command) -> click.Command:
    """The command, which also takes `--debug`: people type it at the end."""
    if _DEBUG not in command.params:
        command.params.append(_DEBUG)
    return command


def _unknown_command(spelled: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(spelled, COMMANDS, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(COMMANDS)}."
    return f"no such command {spelled!r}; {hint}"


def _print_version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:  # noqa: ARG001, FBT001
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"greenroom {version('greenroom')}")
        ctx.exit()


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean · 1 findings or a failed gate · 2 wrong use or configuration · "
    "3 a defect of Greenroom · 5 nothing to check.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version,
    help="Show the version and exit.",
)  # fmt: skip
def group() -> None:
    """Greenroom measures whether green is real."""


_with_debug(group)


def main() -> None:
    """The console script."""
    # A run builds one large model and ends: to look for cycles in it costs a third of the time.
    gc.disable()
    code = run(sys.argv[1:])
    gc.freeze()  # the interpreter looks a last time when it ends
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; every failure ends as a message on stderr and an exit code."""
    try:
        code = group.main(args=list(arguments), prog_name="greenroom", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except Exception as error:  # noqa: BLE001  - the last line of defence, and the only one
        from greenroom.cli.errors import report_failure

        return report_failure(error, debug="--debug" in arguments)
    return code if isinstance(code, int) else ExitCode.CLEAN
