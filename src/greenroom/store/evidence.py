"""Runs and the evidence of their tests: taken in as a whole, given back as they were."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from greenroom.model.evidence import Outcome, Run, TestEvidence
from greenroom.model.run_summary import RunSummary
from greenroom.record.encoding import decode, encode
from greenroom.store.tables import EvidenceRow, FoldedRow, RunRow, TestRow

_ROWS_AT_ONCE = 1000


def absorb(connection: Connection, project: str, run: Run, tests: Sequence[TestEvidence]) -> bool:
    """Write a run; one that is known already only if more is known of it now.

    Returns:
        Whether anything was written.
    """
    known = select(FoldedRow.id).where(FoldedRow.project == project, FoldedRow.id == plain(run.id))
    if connection.scalar(known) is not None:
        return False
    outcomes = Counter(test.outcome for test in tests)
    earlier = connection.execute(_the_run(project, run.id)).one_or_none()
    if earlier is not None:
        was = _how_much(earlier.outcomes, decode(Run, earlier.document))
        if _how_much(outcomes, run) <= was:
            return False
        forget(connection, earlier.key)
    _write(connection, project, run, tests, outcomes)
    return True


def forget(connection: Connection, run_key: int) -> None:
    """Delete a run and its evidence."""
    connection.execute(delete(EvidenceRow).where(EvidenceRow.run_key == run_key))
    connection.execute(delete(RunRow).where(RunRow.key == run_key))


def read_runs(connection: Connection, project: str, limit: int | None = None) -> tuple[RunSummary, ...]:
    """The runs whose evidence is kept, newest first."""
    query = (
        select(RunRow.document, RunRow.outcomes)
        .where(RunRow.project == project)
        .order_by(RunRow.id.desc())
        .limit(limit)
    )
    return tuple(
        RunSummary(
            run=decode(Run, row.document),
            outcomes={each: row.outcomes[each] for each in Outcome if each in row.outcomes},
        )
        for row in connection.execute(query)
    )


def passed_in_a_row(connection: Connection, project: str, test: str) -> int:
    """How often a test and all its parameters have passed since one of them did anything else but be skipped."""
    name = plain(test)
    query = (
        select(EvidenceRow.outcome)
        .join(RunRow, RunRow.key == EvidenceRow.run_key)
        .join(TestRow, TestRow.key == EvidenceRow.test_key)
        .where(RunRow.project == project)
        .where((TestRow.name == name) | TestRow.name.startswith(f"{name}[", autoescape=True))
        .where(EvidenceRow.outcome != Outcome.SKIPPED.value)
        .order_by(RunRow.id.desc(), EvidenceRow.position.desc())
    )
    passed = 0
    for outcome in connection.scalars(query):
        if outcome != Outcome.PASSED.value:
            break
        passed += 1
    return passed


def read_tests(connection: Connection, project: str, run_id: str) -> tuple[TestEvidence, ...]:
    """The evidence of a run's tests, in the order in which it was taken in."""
    query = (
        select(TestRow.name, EvidenceRow.document)
        .join(TestRow, TestRow.key == EvidenceRow.test_key)
        .join(RunRow, RunRow.key == EvidenceRow.run_key)
        .where(RunRow.project == project, RunRow.id == plain(run_id))
        .order_by(EvidenceRow.position)
    )
    return tuple(
        decode(TestEvidence, {"id": name, **document}) for name, document in connection.execute(query)
    )


def plain(text: str) -> str:
    """The text as every database holds it: NUL and what is no character are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def state_of(run: Run) -> str:
    """Two runs of one state ran the same code, and should have ended alike."""
    known = run.revision and not run.modified
    return plain(f"{run.revision} {run.python}" if known else run.id)


def _the_run(project: str, run_id: str) -> Any:
    columns = select(RunRow.key, RunRow.outcomes, RunRow.document)
    return columns.where(RunRow.project == project, RunRow.id == plain(run_id))


def _how_much(outcomes: dict[Any, int], run: Run) -> tuple[int, int, bool]:
    """How much is known of a run: of two, the one with more stays."""
    return (
        sum(outcomes.values()),
        -outcomes.get(Outcome.UNFINISHED, 0),
        run.exit_code is not None,
    )


def _write(
    connection: Connection, project: str, run: Run, tests: Sequence[TestEvidence], outcomes: Counter[Outcome]
) -> None:
    keys = _keys_of(connection, project, {plain(test.id) for test in tests})
    values = {
        "project": project,
        "id": plain(run.id),
        "state": state_of(run),
        "outcomes": {outcome.value: times for outcome, times in outcomes.items()},
        "document": encode(run),
    }
    connection.execute(insert(RunRow), [values])
    run_key = connection.execute(_the_run(project, run.id)).one().key
    for start in range(0, len(tests), _ROWS_AT_ONCE):
        rows = [
            {"run_key": run_key, "position": position, **_row(keys, test)}
            for position, test in enumerate(tests[start : start + _ROWS_AT_ONCE], start)
        ]
        connection.execute(insert(EvidenceRow), rows)


def _row(keys: dict[str, int], test: TestEvidence) -> dict[str, Any]:
    document = encode(test)
    name = plain(test.id)
    if name == test.id:
        del document["id"]
    return {
        "test_key": keys[name],
        "outcome": test.outcome.value,
        "seconds": test.setup + test.call + test.teardown,
        "started": test.started,
        "document": document,
    }


def _keys_of(connection: Connection, project: str, names: Iterable[str]) -> dict[str, int]:
    """The keys of these tests; those that are new get one."""
    query = select(TestRow.name, TestRow.key).where(TestRow.project == project)
    known = dict(connection.execute(query).all())
    new = sorted(set(names) - known.keys())
    if not new:
        return known
    connection.execute(insert(TestRow), [{"project": project, "name": name} for name in new])
    return dict(connection.execute(query).all())
