"""`greenroom record`."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from secrets import randbelow
from typing import Any

import click

from greenroom import api
from greenroom.cli.environments import notice_of_command
from greenroom.cli.flaky import repetition_lines
from greenroom.cli.options import settings_flags
from greenroom.model.evidence import Outcome, TestEvidence
from greenroom.model.outcome import says_something
from greenroom.model.settings import Settings
from greenroom.record.command import record_command
from greenroom.record.recording import Recording
from greenroom.record.repeat.campaign import Plan
from greenroom.record.repeat.campaign import repeat as repeat_command
from greenroom.record.session import ON_REQUEST
from greenroom.report.text import count
from greenroom.store.errors import StoreError
from greenroom.store.flakiness import remember_repetition

_MOST_SHARED = 5
"""Pairs of tests that are named."""


@click.command("record", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option(
    "--project", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The project's folder, below which the run is kept.", show_default=True,
)  # fmt: skip
@click.option(
    "--without", "without", metavar="SENSORS", multiple=True, help="Sensors that stay off; takes commas."
)
@click.option(
    "--with", "also", type=click.Choice(sorted(ON_REQUEST)), multiple=True,
    help="Sensors that are off unless asked for; `coverage`: the lines and branches that each test runs.",
)  # fmt: skip
@click.option(
    "--repeat",
    type=click.IntRange(2),
    metavar="N",
    help="Run the command N times, and tell which tests do not always end alike.",
)
@click.option(
    "--shuffle",
    is_flag=True,
    help="Run the tests in another order; beside --repeat: N further runs, each in an order of its own.",
)
@click.option("--isolate", is_flag=True, help="Run each test alone, too.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31),
    help="What decides about order and chance; each further run has the next.",
)
@settings_flags("store", "keep-runs")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND...")
def command(  # noqa: PLR0913  - one for each flag
    project: Path, without: tuple[str, ...], also: tuple[str, ...], arguments: tuple[str, ...], repeat: int | None,
    *, shuffle: bool, isolate: bool, seed: int | None, **flags: Any,
) -> int:  # fmt: skip
    """Run the project's tests and record what each of them truly touches.

    COMMAND is what runs them, as `pytest` or `make test`. Its output and its exit code are passed on unchanged;
    what was recorded is kept below `.greenroom/runs` and in the store, and told in short on standard error.
    Of several runs the first is shown; the exit code is that of the first one that is not 0.
    """
    if not arguments:
        message = "name the command that runs the tests: greenroom record -- pytest"
        raise click.UsageError(message)
    settings = api.configure(project, flags)
    if notice := notice_of_command(arguments):
        click.echo(f"greenroom: {notice}", err=True)
    names = [name.strip() for names in without for name in names.split(",") if name.strip()]
    if repeat or shuffle or isolate or seed is not None:
        if also:
            message = "--with goes with one plain run: leave out --repeat, --shuffle, --isolate and --seed"
            raise click.UsageError(message)
        plan = Plan(repeat=repeat or 1, usual=bool(repeat or isolate or not shuffle), shuffle=shuffle,
                    isolate=isolate, seed=randbelow(10**6) if seed is None else seed)  # fmt: skip
        return _repeat(arguments, project, settings, plan, names)
    code, folder = record_command(arguments, project, names, also)
    recording = api.recording(folder, project)
    _tell(recording, folder)
    if recording.tests:
        _remember(recording, project, settings)
    return code


def _repeat(
    arguments: tuple[str, ...], project: Path, settings: Settings, plan: Plan, without: list[str]
) -> int:
    def tell(text: str) -> None:
        click.echo(f"greenroom: {text}", err=True)

    done = repeat_command(arguments, project, plan, without, tell)
    if plan.is_single:
        _tell(done.recording, done.folder)
        _remember(done.recording, project, settings)
    elif done.recording.tests:
        try:
            remember_repetition(done.repetition, done.recording, project, settings)
        except StoreError as error:
            tell(f"these runs were not taken into the store: {error}")
        _tell(done.recording, done.folder)
        for line in repetition_lines(done.repetition):
            tell(line)
    else:
        _tell(done.recording, done.folder)
    return done.exit_code


def _remember(recording: Recording, project: Path, settings: Settings) -> None:
    """Take it into the store; the tests have run, and their exit code is not ours to change."""
    try:
        api.remember_run(recording, project, settings)
    except StoreError as error:
        click.echo(f"greenroom: this run was not taken into the store: {error}", err=True)


def _tell(recording: Recording, folder: Path) -> None:
    for line in _lines(recording, os.path.relpath(folder)):
        click.echo(f"greenroom: {line}", err=True)


def _lines(recording: Recording, folder: str) -> list[str]:
    tests = recording.tests
    if not tests:
        code = recording.run.exit_code
        ended = [f"The command ended with exit code {code}: what it says above may be why."] if code else []
        return [
            f"nothing was recorded in {folder}: no test of pytest, unittest or Django ran under the recorder.",
            *ended,
            "Tools that hide the environment (tox, nox, docker) must pass on GREENROOM_RUN and PYTHONPATH.",
            *recording.run.notes,
        ]
    outcomes = Counter(test.outcome for test in tests)
    told = ", ".join(_ended(outcomes[outcome], outcome) for outcome in Outcome if outcomes[outcome])
    ran = [test for test in tests if test.outcome is Outcome.PASSED]
    facts = {
        "passed without asserting anything": sum(not test.assertions for test in ran),
        "passed with assertions that were not reached": sum(bool(test.assertions_unreached) for test in ran),
        "left coroutines that nobody awaited": sum(bool(test.never_awaited) for test in tests),
        "skipped for want of something outside the code": sum(
            test.skip is not None and test.skip.infrastructure and test.outcome is Outcome.SKIPPED
            for test in tests
        ),
        "left something changed that later tests can meet": sum(bool(test.left) for test in tests),
        "used doubles that differ from what they replace": sum(
            any(each.missing or each.unlike for each in test.replacements) for test in tests
        ),
    }
    if not any(says_something(each) for each in outcomes):
        return [
            f"no test came as far as its body: {told}, see above. Kept in {folder}; an audit does not rest on this run.",
            *recording.run.notes,
        ]
    return [
        f"recorded {count(len(tests), 'test')} in {folder}: {told}",
        *(f"  {number} {fact}" for fact, number in facts.items() if number),
        *_shared(tests),
        *(f"  {note}" for note in recording.run.notes),
    ]


def _ended(number: int, outcome: Outcome) -> str:
    """As pytest has it: of all words it says, only an error has a plural."""
    return count(number, outcome) if outcome is Outcome.ERROR else f"{number} {outcome}"


def _shared(tests: Sequence[TestEvidence]) -> list[str]:
    """What one test left and another met, which their order may decide about: a line for each thing."""
    left: dict[tuple[str, str], dict[str, None]] = {}
    met: dict[tuple[str, str], dict[str, None]] = {}
    for test in tests:
        for each in test.left:
            if each.met_by:
                left.setdefault((each.kind, each.name), {})[test.id] = None
                met.setdefault((each.kind, each.name), {}).update(dict.fromkeys(each.met_by))
    found = [
        f"    {kind} {name}: left by {_first(left[kind, name])}, met by {_first(met[kind, name])}"
        for kind, name in left
    ]
    more = [f"    and {len(found) - _MOST_SHARED} more things"] if len(found) > _MOST_SHARED else []
    return found[:_MOST_SHARED] + more


def _first(tests: Iterable[str]) -> str:
    first, *others = tests
    return f"{first} and {len(others)} other test{'s' if len(others) > 1 else ''}" if others else first
