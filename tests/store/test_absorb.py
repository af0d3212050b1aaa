"""What is taken in is given back; on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from greenroom.model.evidence import Outcome, Stall, TestEvidence
from greenroom.model.place import Place
from greenroom.store.store import Store, open_store
from tests.postgres import PostgresServer
from tests.store.examples import a_run, a_skipped_test, a_test, many_tests

TEXT = st.text(st.characters())
"""Any, also what is no character, and NUL."""
SECONDS = st.floats(allow_nan=False, allow_infinity=False)
PLACES = st.builds(Place, path=TEXT, line=st.integers(), symbol=TEXT, note=TEXT)
STALLS = st.builds(
    Stall, place=st.none() | PLACES, seconds=SECONDS, kind=TEXT, call=TEXT, chain=st.tuples(PLACES)
)
EVIDENCE = st.builds(
    TestEvidence,
    id=TEXT,
    setup=SECONDS,
    call=SECONDS,
    teardown=st.just(0.0),
    started=SECONDS,
    stalls=st.tuples(STALLS),
    failure=TEXT,
)


@pytest.fixture
def store(tmp_path: Path, address: str) -> Iterator[Store]:
    with open_store(tmp_path, address) as store:
        yield store


def test_a_new_store_is_empty(store: Store) -> None:
    assert store.latest_run() is None
    assert [*store.runs(), *store.audits(), *store.findings(), *store.test_records()] == []
    assert store.tests_of("20261121T110412Z-4f2a91") == ()


def test_a_run_is_given_back_as_it_was(store: Store) -> None:
    tests = (*many_tests(3), a_skipped_test(), a_test(outcome=Outcome.FAILED))

    assert store.absorb(a_run(exit_code=1), iter(tests)) is True

    assert store.latest_run() == a_run(exit_code=1)
    assert store.tests_of(a_run().id) == tests
    (summary,) = store.runs()
    assert summary.run == a_run(exit_code=1)
    assert list(summary.outcomes.items()) == [(Outcome.PASSED, 3), (Outcome.FAILED, 1), (Outcome.SKIPPED, 1)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(tests=st.lists(EVIDENCE), name=TEXT)
def test_whatever_was_observed_comes_back(store: Store, tests: list[TestEvidence], name: str) -> None:
    run = a_run(f"{len(store.runs()):09}{name}")

    store.absorb(run, tests)

    assert store.latest_run() == run
    assert list(store.tests_of(run.id)) == tests


def test_the_same_run_twice_changes_nothing(store: Store) -> None:
    store.absorb(a_run(), [a_test(), a_skipped_test()])

    assert store.absorb(a_run(), [a_test(), a_skipped_test()]) is False
    assert store.absorb(a_run(), []) is False

    assert len(store.runs()) == 1
    assert store.tests_of(a_run().id) == (a_test(), a_skipped_test())
    assert [record.outcomes for record in store.test_records()] == [
        {Outcome.SKIPPED: 1},
        {Outcome.PASSED: 1},
    ]


def test_a_run_that_went_on_is_brought_up_to_date(store: Store) -> None:
    begun, ended = a_test(outcome=Outcome.UNFINISHED), a_test()
    store.absorb(a_run(exit_code=None), [begun])

    assert store.absorb(a_run(exit_code=None), [begun]) is False
    assert store.absorb(a_run(exit_code=None), [ended]) is True
    assert store.absorb(a_run(exit_code=None), [begun]) is False
    assert store.absorb(a_run(), [ended]) is True
    assert store.absorb(a_run(exit_code=None), [ended]) is False

    assert store.tests_of(a_run().id) == (ended,)
    assert [summary.run for summary in store.runs()] == [a_run()]
    assert [record.outcomes for record in store.test_records()] == [{Outcome.PASSED: 1}]


def test_runs_come_newest_first(store: Store) -> None:
    for run_id in ("20261121T10", "20261121T12", "20261121T11"):
        store.absorb(a_run(run_id), [a_test()])

    assert [each.run.id[-2:] for each in store.runs()] == ["12", "11", "10"]
    newest = store.latest_run()
    assert newest is not None
    assert newest.id == "20261121T12"


def test_the_same_test_many_times_in_one_run(store: Store) -> None:
    tests = [a_test(outcome=Outcome.FAILED), a_test(), a_test()]

    store.absorb(a_run(), tests)

    assert list(store.tests_of(a_run().id)) == tests


def test_what_the_caller_raises_is_the_callers(store: Store) -> None:
    def broken() -> Iterator[TestEvidence]:
        yield a_test()
        message = "the journal is gone"
        raise OSError(message)

    with pytest.raises(OSError, match="the journal is gone"):
        store.absorb(a_run(), broken())

    assert store.runs() == ()


def test_it_is_there_when_opened_again(tmp_path: Path, address: str) -> None:
    with open_store(tmp_path, address) as store:
        store.absorb(a_run(), [a_test()])

    with open_store(tmp_path, address) as store:
        assert store.tests_of(a_run().id) == (a_test(),)


def test_the_file_stays_out_of_version_control(tmp_path: Path) -> None:
    open_store(tmp_path).close()

    assert (tmp_path / ".greenroom" / "greenroom.db").exists()
    assert "*" in (tmp_path / ".greenroom" / ".gitignore").read_text().splitlines()


def test_projects_on_one_server_do_not_mix(tmp_path: Path, postgres: PostgresServer) -> None:
    address = postgres.new_database()
    for name in ("shop", "bank"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text(f'[project]\nname = "{name}"\n')
        with open_store(tmp_path / name, address) as store:
            store.absorb(a_run(), [a_test(f"test_{name}.py::test_it")])

    with open_store(tmp_path / "shop", address) as store:
        assert len(store.runs()) == 1
        assert [test.id for test in store.tests_of(a_run().id)] == ["test_shop.py::test_it"]
        assert [record.id for record in store.test_records()] == ["test_shop.py::test_it"]


@pytest.mark.parametrize(
    "told", [None, "[tool.ruff]\n", 'project = "shop"\n', "[project\n", "[project]\ndynamic = ['name']\n"]
)
def test_projects_without_a_name_do_not_mix(
    told: str | None, tmp_path: Path, postgres: PostgresServer
) -> None:
    """Whatever their own files leave out: then their folders tell them apart."""
    address = postgres.new_database()
    for name in ("shop", "bank"):
        (tmp_path / name).mkdir()
        if told is not None:
            (tmp_path / name / "pyproject.toml").write_text(told)
        with open_store(tmp_path / name, address) as store:
            store.absorb(a_run(), [a_test(f"test_{name}.py::test_it")])

    for name in ("shop", "bank"):
        with open_store(tmp_path / name, address) as store:
            assert [test.id for test in store.tests_of(a_run().id)] == [f"test_{name}.py::test_it"]


def test_the_work_grows_with_the_run_and_not_faster(tmp_path: Path) -> None:
    """Statements are counted, as time is not to be relied on."""
    counts = [_statements(tmp_path / str(number), number) for number in (2_000, 8_000)]

    assert counts[1] <= 4 * counts[0]


def _statements(root: Path, number: int) -> int:
    seen: list[str] = []

    def note(*given: str) -> None:
        seen.append(given[2])

    with open_store(root) as store:
        event.listen(Engine, "before_cursor_execute", note)
        try:
            store.absorb(a_run(), many_tests(number))
        finally:
            event.remove(Engine, "before_cursor_execute", note)
    return len(seen)
