"""Old runs lose their evidence and never their counts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from greenroom.model.evidence import Outcome
from greenroom.store.store import Store, open_store
from tests.store.examples import a_run, a_test

Open = Callable[[int], Store]

STEADY, SHAKY = "tests/test_a.py::test_steady", "tests/test_a.py::test_shaky"


@pytest.fixture
def keeping(tmp_path: Path, address: str) -> Open:
    return lambda keep: open_store(tmp_path, address, keep=keep)


def test_the_newest_are_kept(keeping: Open) -> None:
    with keeping(2) as store:
        for hour in ("10", "11", "12", "13"):
            store.absorb(a_run(f"20261121T{hour}"), [a_test()])

        assert [each.run.id[-2:] for each in store.runs()] == ["13", "12"]
        assert store.tests_of("20261121T11") == ()
        assert store.tests_of("20261121T12") == (a_test(),)


def test_the_counts_are_the_same_however_many_are_kept(tmp_path: Path, address: str) -> None:
    outcomes = (Outcome.PASSED, Outcome.FAILED, Outcome.PASSED, Outcome.SKIPPED, Outcome.ERROR)
    seen = []
    for keep in (1, 2, 50):
        project = tmp_path / f"keeps-{keep}"
        project.mkdir()
        with open_store(project, address, keep=keep) as store:
            for hour, outcome in enumerate(outcomes):
                tests = [a_test(SHAKY, outcome, started=hour), a_test(STEADY, started=hour)]
                store.absorb(a_run(f"20261121T{hour}"), tests)
            seen.append(store.test_records())

    assert seen[0] == seen[1] == seen[2]
    shaky, steady = seen[0]
    assert (shaky.id, steady.id) == (SHAKY, STEADY)
    assert shaky.outcomes == {Outcome.PASSED: 2, Outcome.FAILED: 1, Outcome.ERROR: 1, Outcome.SKIPPED: 1}
    assert steady.outcomes == {Outcome.PASSED: 5}
    assert (steady.first, steady.last, steady.seconds, steady.flaked) == (0.0, 4.0, 5.0, 0)


def test_a_run_that_was_folded_is_not_counted_again(keeping: Open) -> None:
    with keeping(1) as store:
        store.absorb(a_run("20261121T10"), [a_test()])
        store.absorb(a_run("20261121T11"), [a_test()])

        assert store.absorb(a_run("20261121T10"), [a_test()]) is False
        (record,) = store.test_records()

    assert record.outcomes == {Outcome.PASSED: 2}


def test_a_run_older_than_all_that_are_kept_is_counted(keeping: Open) -> None:
    with keeping(1) as store:
        store.absorb(a_run("20261121T11"), [a_test()])
        store.absorb(a_run("20261121T10"), [a_test()])

        assert [each.run.id for each in store.runs()] == ["20261121T11"]
        assert [record.outcomes for record in store.test_records()] == [{Outcome.PASSED: 2}]


@pytest.mark.parametrize("keep", [1, 50])
def test_passed_and_failed_on_the_same_code_is_a_flake(keep: int, keeping: Open) -> None:
    with keeping(keep) as store:
        mixed = [a_test(SHAKY), a_test(SHAKY, Outcome.FAILED), a_test(STEADY)]
        store.absorb(a_run("20261121T10", revision="aaa"), mixed)
        store.absorb(a_run("20261121T11", revision="bbb"), [a_test(SHAKY), a_test(STEADY)])
        store.absorb(a_run("20261121T12", revision="ccc"), [a_test(SHAKY, Outcome.ERROR), a_test(STEADY)])
        store.absorb(a_run("20261121T13", revision="ddd", modified=True), mixed)

        assert {record.id: record.flaked for record in store.test_records()} == {SHAKY: 2, STEADY: 0}


def test_two_runs_of_one_commit_are_one_state(keeping: Open) -> None:
    with keeping(2) as store:
        for hour, outcome in enumerate((Outcome.PASSED, Outcome.FAILED, Outcome.PASSED)):
            store.absorb(a_run(f"20261121T1{hour}", revision="aaa"), [a_test(SHAKY, outcome)])
        store.absorb(a_run("20261121T14", revision="bbb"), [a_test(SHAKY)])

        assert [record.flaked for record in store.test_records()] == [1]


def test_a_changed_tree_is_another_state_in_every_run(keeping: Open) -> None:
    with keeping(50) as store:
        for hour, outcome in enumerate((Outcome.PASSED, Outcome.FAILED)):
            run = a_run(f"20261121T1{hour}", revision="aaa", modified=True)
            store.absorb(run, [a_test(SHAKY, outcome)])

        assert [record.flaked for record in store.test_records()] == [0]


def test_an_expected_failure_is_no_flake(keeping: Open) -> None:
    with keeping(50) as store:
        store.absorb(a_run(revision="aaa"), [a_test(SHAKY), a_test(SHAKY, Outcome.SKIPPED)])

        assert [record.flaked for record in store.test_records()] == [0]
