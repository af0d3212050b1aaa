"""Where the store is, as users write it; no message may show a password."""

import pytest

from greenroom.model.settings import Settings
from greenroom.project.declared.configuration import load_settings
from greenroom.project.declared.store_address import (
    InvalidAddressError,
    check_address,
    is_url,
    mask,
    secrets_of,
)
from greenroom.project.files.errors import ConfigurationError
from greenroom.record import environment
from tests.conftest import WriteProject

EXAMPLE = "`postgresql://user@host/database`"


@pytest.mark.parametrize(
    ("address", "server"),
    [
        (".greenroom/greenroom.db", False),
        ("/var/lib/greenroom.db", False),
        ("C:\\greenroom.db", False),
        ("postgresql://team@db.example.org/greenroom", True),
        ("postgres://team:pw@db:5433/greenroom", True),
        ("postgresql+psycopg://db/greenroom?sslmode=require", True),
    ],
)
def test_files_and_servers(address: str, server: bool) -> None:  # noqa: FBT001
    assert check_address(address) == address
    assert is_url(address) is server


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (3, f"must be a file, relative to the project's root, or {EXAMPLE}"),
        (" ", f"must be a file, relative to the project's root, or {EXAMPLE}"),
        ("mysql://u:hidden@h/d", "`mysql://u:***@h/d` is of no kind that we know"),
        ("postgresql//u:hidden@h/d", f"`postgresql//u:***@h/d` must read {EXAMPLE}"),
        ("postgresql:/u:hidden@h/d", "`postgresql:/u:***@h/d` is of no kind that we know"),
        ("u:hidden@h/d", f"`u:***@h/d` must read {EXAMPLE}"),
        ("sqlite:///x.db", f"`sqlite:///x.db` must read {EXAMPLE}, or be the path of a file"),
        ("postgresql://u:hidden@h", f"`postgresql://u:***@h` must read {EXAMPLE}: it names no database"),
        ("postgresql://u:hidden@h:hidden/d", f"`postgresql://u:***@h:hidden/d` must read {EXAMPLE}: Port"),
    ],
)
def test_what_is_wrong_with_an_address(value: object, problem: str) -> None:
    with pytest.raises(InvalidAddressError) as caught:
        check_address(value)

    assert str(caught.value).startswith(problem)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://u:p%40ss@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u:p@ss/word@h/d", "postgresql://u:***@h/d"),
        ("postgresql://:word@h/d", "postgresql://:***@h/d"),
        ("postgresql://h/d?user=u&password=word&x=1", "postgresql://h/d?user=u&password=***&x=1"),
        ("postgresql://u@h:5433/d", "postgresql://u@h:5433/d"),
        (".greenroom/greenroom.db", ".greenroom/greenroom.db"),
    ],
)
def test_passwords_are_covered(address: str, shown: str) -> None:
    assert mask(address) == shown


def test_a_password_is_known_as_written_and_as_meant() -> None:
    assert secrets_of("postgresql://u:p%40ss@h/d?password=two") == ("p%40ss", "p@ss", "two")


def test_the_store_is_a_setting(write_project: WriteProject) -> None:
    root = write_project({"greenroom.toml": 'store = "a.db"\nkeep-runs = 7\n'})

    assert load_settings(root, {}, {}) == Settings(store="a.db", keep_runs=7)
    variables = {"GREENROOM_STORE": "postgresql://u@h/d", "GREENROOM_KEEP_RUNS": "9"}
    assert load_settings(root, {}, variables) == Settings(store="postgresql://u@h/d", keep_runs=9)


@pytest.mark.parametrize("name", [environment.RUN, environment.WITHOUT, environment.PREFIX])
def test_what_one_process_tells_another_is_no_setting(name: str, write_project: WriteProject) -> None:
    assert load_settings(write_project({}), {}, {name: "/x/.greenroom/runs/1"}) == Settings()


def test_wrong_settings_are_told_without_the_password(write_project: WriteProject) -> None:
    root = write_project({"greenroom.toml": 'store = "mysql://u:hidden@h/d"\nkeep-runs = true\n'})

    with pytest.raises(ConfigurationError) as caught:
        load_settings(root, {"keep_runs": "0"}, {"GREENROOM_STORE": "postgres:u:hidden@h/d"})

    assert [problem.partition(";")[0] for problem in caught.value.problems] == [
        "greenroom.toml: store: `mysql://u:***@h/d` is of no kind that we know",
        "greenroom.toml: keep-runs: must be a whole number, 1 or more",
        f"GREENROOM_STORE: `postgres:***@h/d` must read {EXAMPLE}, or be the path of a file",
        "--keep-runs: must be a whole number, 1 or more",
    ]
