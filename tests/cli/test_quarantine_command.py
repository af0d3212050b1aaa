from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from greenroom.model.evidence import Outcome
from greenroom.store.store import open_store
from tests.conftest import RunGreenroom
from tests.store.examples import a_run, a_test

TEST = "tests/test_a.py::test_a"
WHY = ("--reason", 'ticket "7"', "--owner", "ann")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text("def test_a():\n    assert 0\n", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    return tmp_path


def day(days: int) -> str:
    return str(datetime.now(UTC).astimezone().date() + timedelta(days=days))


def test_from_adding_to_removing(project: Path, greenroom: RunGreenroom) -> None:
    where = ("--project", str(project))

    assert greenroom("quarantine", "add", TEST, *WHY, *where).code == 0
    listed = greenroom("quarantine", "list", *where)
    assert listed.out == f'{TEST}  until {day(30)}  ann  ticket "7"\n'
    assert greenroom("quarantine", "check", *where).code == 0
    assert greenroom("quarantine", "remove", TEST, *where).code == 0
    assert greenroom("quarantine", "list", *where).out == ""


def test_adding_again_replaces(project: Path, greenroom: RunGreenroom) -> None:
    for until in (day(3), day(5)):
        assert (
            greenroom("quarantine", "add", TEST, *WHY, "--until", until, "--project", str(project)).code == 0
        )

    assert greenroom("quarantine", "list", "--project", str(project)).out.count(f"until {day(5)}") == 1
    assert (project / "greenroom-quarantine.toml").read_text(encoding="utf-8").count("[[test]]") == 1


def test_a_folder_below_writes_to_the_file_above(project: Path, greenroom: RunGreenroom) -> None:
    greenroom("quarantine", "add", TEST, *WHY, "--project", str(project))
    below = project / "tests"
    added = greenroom("quarantine", "add", "test_a.py::test_b", *WHY, "--project", str(below))

    assert (added.code, (below / "greenroom-quarantine.toml").exists()) == (0, False)
    assert "tests/test_a.py::test_b" in greenroom("quarantine", "list", "--project", str(project)).out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "tests/none.py::test_a", *WHY), "name a test in a file"),
        (("add", "test_a", *WHY), "name a test in a file"),
        (("add", TEST, "--reason", " ", "--owner", "ann"), "not to be empty"),
        (("add", TEST, *WHY, "--until", "2020-01-01"), "is over"),
        (("remove", TEST), "not in quarantine"),
    ],
)
def test_wrong_use(project: Path, greenroom: RunGreenroom, arguments: tuple[str, ...], told: str) -> None:
    ran = greenroom("quarantine", *arguments, "--project", str(project))

    assert ran.code == 2
    assert told in ran.err
    assert not (project / "greenroom-quarantine.toml").exists()


def test_check_tells_what_expired_what_is_gone_and_what_may_go(
    project: Path, greenroom: RunGreenroom
) -> None:
    entries = [(TEST, day(9)), ("tests/test_a.py::test_old", day(-1)), ("tests/gone.py::test_gone", day(9))]
    text = "".join(
        f'[[test]]\nid = "{name}"\nreason = "x"\nowner = "bo"\nexpires = {until}\n' for name, until in entries
    )
    (project / "greenroom-quarantine.toml").write_text(text, encoding="utf-8")
    with open_store(project) as store:
        for number, outcome in enumerate([Outcome.FAILED, Outcome.PASSED, Outcome.SKIPPED, Outcome.PASSED]):
            store.absorb(a_run(f"20261121T{number}"), [a_test(TEST, outcome)])

    ran = greenroom("quarantine", "check", "--passes", "2", "--project", str(project))

    assert ran.code == 1
    assert ran.out.splitlines() == [
        f"tests/test_a.py::test_old: expired on {day(-1)} (bo): it blocks again",
        "tests/gone.py::test_gone: there is no such file; greenroom quarantine remove 'tests/gone.py::test_gone'",
        f"{TEST}: passed 2 times in a row; greenroom quarantine remove '{TEST}'",
    ]
    assert "passed" not in greenroom("quarantine", "check", "--passes", "3", "--project", str(project)).out
