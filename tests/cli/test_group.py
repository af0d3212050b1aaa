from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version

import pytest

from greenroom.cli import COMMANDS
from tests.conftest import RunGreenroom

HEAVY = {
    *("alembic", "jinja2", "pathspec", "psycopg", "rich", "sqlalchemy", "sqlite3", "yaml"),
    *("greenroom.api", "greenroom.catalogue", "greenroom.report", "greenroom.store"),
}


def test_help_loads_nothing_heavy(loaded_by: Callable[[str], set[str]]) -> None:
    loaded = loaded_by("from greenroom.cli import run\nassert run(['--help']) == 0")

    assert not loaded & HEAVY
    assert {name for name in loaded if name.startswith("greenroom")} == {"greenroom", "greenroom.cli"}


def test_the_package_loads_the_library_only_when_asked(loaded_by: Callable[[str], set[str]]) -> None:
    assert "greenroom.api" not in loaded_by("import greenroom")
    assert "greenroom.api" in loaded_by("from greenroom import audit")


def test_help_lists_every_command(greenroom: RunGreenroom) -> None:
    outcome = greenroom("--help")

    assert outcome.code == 0
    for name in COMMANDS:
        assert f"\n  {name}" in outcome.out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name: str) -> None:
    assert (
        import_module(f"greenroom.cli.{name.replace('-', '_')}").command.help.split("\n")[0] == COMMANDS[name]
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, greenroom: RunGreenroom) -> None:
    outcome = greenroom(name, "--help")

    assert outcome.code == 0
    assert "--debug" in outcome.out


def test_without_a_command_it_helps(greenroom: RunGreenroom) -> None:
    outcome = greenroom()

    assert outcome.code == 2
    assert "Commands:" in outcome.out + outcome.err


def test_version(greenroom: RunGreenroom) -> None:
    assert greenroom("--version").out == f"greenroom {version('greenroom')}\n"


def test_a_misspelled_command_names_the_close_one(greenroom: RunGreenroom) -> None:
    outcome = greenroom("aduit", ".")

    assert outcome.code == 2
    assert "no such command 'aduit'; did you mean 'audit'?" in outcome.err


def test_a_misspelled_flag_names_the_close_one(greenroom: RunGreenroom) -> None:
    outcome = greenroom("audit", "--selct", "EVL")

    assert outcome.code == 2
    assert "--select" in outcome.err
