"""What stays of old runs: how often each test ended how, and on which code it did both."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, case, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from greenroom.model.evidence import Outcome
from greenroom.model.test_record import TestRecord
from greenroom.store.evidence import forget
from greenroom.store.tables import EvidenceRow, FlakeRow, FoldedRow, RunRow, TallyRow, TestRow

_RED = (Outcome.FAILED.value, Outcome.ERROR.value)
_JUDGED = (Outcome.PASSED.value, *_RED)


def fold_old_runs(connection: Connection, project: str, keep: int) -> None:
    """Add all runs but the newest to the tally, and delete their evidence."""
    query = (
        select(RunRow.key, RunRow.id, RunRow.state)
        .where(RunRow.project == project)
        .order_by(RunRow.id.desc())
        .offset(keep)
    )
    for key, run_id, state in reversed(connection.execute(query).all()):
        _add_to_tally(connection, key)
        _note_flakes(connection, project, state)
        connection.execute(insert(FoldedRow), [{"project": project, "id": run_id}])
        forget(connection, key)


def read_test_records(connection: Connection, project: str) -> tuple[TestRecord, ...]:
    """All tests that were ever recorded, by name."""
    flaked = _flaked(connection, project)
    names = select(TestRow.key, TestRow.name).where(TestRow.project == project).order_by(TestRow.name)
    parts = defaultdict(list)
    for part in _parts(connection, project):
        parts[part.test_key].append(part)
    return tuple(
        _record(name, parts[key], flaked[key]) for key, name in connection.execute(names) if key in parts
    )


def _add_to_tally(connection: Connection, run_key: int) -> None:
    columns = ["test_key", "outcome", "times", "seconds", "first", "last"]
    counted = _count_outcomes().where(EvidenceRow.run_key == run_key)
    statement = _upsert(connection)(TallyRow).from_select(columns, counted)
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[TallyRow.test_key, TallyRow.outcome],
            set_={
                "times": TallyRow.times + new.times,
                "seconds": TallyRow.seconds + new.seconds,
                "first": case((new.first < TallyRow.first, new.first), else_=TallyRow.first),
                "last": case((new.last > TallyRow.last, new.last), else_=TallyRow.last),
            },
        )
    )


def _note_flakes(connection: Connection, project: str, state: str) -> None:
    mixed = _mixed(project).where(RunRow.state == state)
    statement = _upsert(connection)(FlakeRow).from_select(["test_key", "state"], mixed)
    connection.execute(statement.on_conflict_do_nothing())


def _upsert(connection: Connection) -> Any:
    """Both databases spell it alike, and SQLAlchemy keeps it apart."""
    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert


def _count_outcomes() -> Select[int, str, int, float, float, float]:
    return select(
        EvidenceRow.test_key,
        EvidenceRow.outcome,
        func.count().label("times"),
        func.sum(EvidenceRow.seconds).label("seconds"),
        func.min(EvidenceRow.started).label("first"),
        func.max(EvidenceRow.started).label("last"),
    ).group_by(EvidenceRow.test_key, EvidenceRow.outcome)


def _mixed(project: str) -> Select[int, str]:
    """Tests that both passed and failed on one state of the code, in the runs that are kept."""
    red = case((EvidenceRow.outcome.in_(_RED), literal(1)), else_=literal(0))
    return (
        select(EvidenceRow.test_key, RunRow.state)
        .join(RunRow, RunRow.key == EvidenceRow.run_key)
        .where(RunRow.project == project, EvidenceRow.outcome.in_(_JUDGED))
        .group_by(EvidenceRow.test_key, RunRow.state)
        .having(func.min(red) != func.max(red))
    )


def _parts(connection: Connection, project: str) -> Iterator[Any]:
    """Counts by test and outcome: of the runs that are kept, then of the others."""
    kept = _count_outcomes().join(RunRow, RunRow.key == EvidenceRow.run_key).where(RunRow.project == project)
    yield from connection.execute(kept)
    gone = (
        select(TallyRow.__table__)
        .join(TestRow, TestRow.key == TallyRow.test_key)
        .where(TestRow.project == project)
    )
    yield from connection.execute(gone)


def _flaked(connection: Connection, project: str) -> Counter[int]:
    gone = (
        select(FlakeRow.test_key, FlakeRow.state)
        .join(TestRow, TestRow.key == FlakeRow.test_key)
        .where(TestRow.project == project)
    )
    states = {(key, state) for query in (_mixed(project), gone) for key, state in connection.execute(query)}
    return Counter(key for key, _ in states)


def _record(name: str, parts: list[Any], flaked: int) -> TestRecord:
    times = Counter[str]()
    for part in parts:
        times[part.outcome] += part.times
    return TestRecord(
        id=name,
        outcomes={outcome: times[outcome] for outcome in Outcome if times[outcome]},
        seconds=sum(part.seconds for part in parts),
        first=min(part.first for part in parts),
        last=max(part.last for part in parts),
        flaked=flaked,
    )
