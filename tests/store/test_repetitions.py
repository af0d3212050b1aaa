"""Repeated runs in the store, in SQLite and in PostgreSQL."""

from pathlib import Path

from greenroom.model.evidence import Outcome
from greenroom.model.flakiness import Cause, Ended, Flakiness, Hint, Kind, Order, Repetition, Trial
from greenroom.model.place import Place
from greenroom.store.store import open_store
from tests.store.examples import a_run, a_test


def a_repetition(name: str, seconds: float = 1.0) -> Repetition:
    finding = Flakiness(
        kind=Kind.FLAKY, id="t.py::a", place=Place(path="t.py", line=3), message="`a` failed in 1 of 2 runs",
        ended=(Ended(order=Order.SAME, failed=1, of=2),), failures=("KeyError",),
        hints=(Hint(cause=Cause.RANDOMNESS, evidence="a seed decides", measured=True),), reproduce="pytest", seconds=0.5,
    )  # fmt: skip
    trial = Trial(order=Order.SHUFFLED, seed=7, exit_code=1, tests=1, seconds=0.5)
    return Repetition(id=name, started=1.0, seconds=seconds, command=("pytest",), trials=(trial,), extra=3,
                      tests=1, findings=(finding,), notes=("a note",))  # fmt: skip


def test_what_was_kept_is_told_newest_first(tmp_path: Path, address: str) -> None:
    with open_store(tmp_path, address, keep=2) as store:
        for name in ("20261121T1", "20261121T2", "20261121T3"):
            store.record_repetition(a_repetition(name))
        store.record_repetition(a_repetition("20261121T3", seconds=9.0))

        assert store.repetitions() == (a_repetition("20261121T3", seconds=9.0), a_repetition("20261121T2"))


def test_passes_in_a_row_end_with_anything_but_a_pass_or_a_skip(tmp_path: Path, address: str) -> None:
    outcomes = [Outcome.PASSED, Outcome.FAILED, Outcome.PASSED, Outcome.SKIPPED, Outcome.PASSED]
    with open_store(tmp_path, address) as store:
        for number, outcome in enumerate(outcomes):
            store.absorb(a_run(f"20261121T{number}"), [a_test("t.py::a[1]", outcome), a_test("t.py::ab")])

        assert store.passed_in_a_row("t.py::a") == 2
        assert store.passed_in_a_row("t.py::a[1]") == 2
        assert store.passed_in_a_row("t.py::ab") == len(outcomes)
        assert store.passed_in_a_row("t.py::none") == 0
