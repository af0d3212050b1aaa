"""Older stores become today's, newer ones are refused; nothing is lost on the way."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

import greenroom.store
from greenroom.store.engine import WRITES, make_engine
from greenroom.store.errors import StoreError
from greenroom.store.location import locate
from greenroom.store.schema import HEAD, migrate
from greenroom.store.store import PATIENCE, open_existing, open_store
from greenroom.store.tables import VERSION_TABLE, Table
from tests.store.examples import a_run, a_test
from tests.store.processes import absorbing, finish, start

OLD_CONTENT = """
INSERT INTO greenroom_run (project, id, state, outcomes, document) VALUES (:project, '20261121T1', 'x', '{"passed": 1}', '{"id": "20261121T1", "started": 1.5, "seconds": 2.5, "command": ["pytest"], "exit_code": 0}')
INSERT INTO greenroom_test (project, name) VALUES (:project, 'test_a.py\\:\\:test_a')
INSERT INTO greenroom_evidence (run_key, position, test_key, outcome, seconds, started, document) VALUES (1, 0, 1, 'passed', 0.5, 1.5, '{"outcome": "passed", "call": 0.5}')
"""
"""As the first version wrote it."""

SCRIPTS = ScriptDirectory(str(Path(greenroom.store.__file__).with_name("migrations")))


@pytest.fixture
def engine(tmp_path: Path, address: str) -> Engine:
    (tmp_path / ".greenroom").mkdir()
    return make_engine(locate(tmp_path, address), PATIENCE)


def write(engine: Engine) -> Connection:
    return engine.connect().execution_options(**{WRITES: True})


def make_old(engine: Engine, project: str) -> None:
    """A store of the first version, with a run."""
    with write(engine) as connection, connection.begin():
        migrate(connection, "0001")
        for statement in OLD_CONTENT.strip().splitlines():
            connection.execute(text(statement), {"project": project})


def version_of(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(text("SELECT version_num FROM greenroom_version")))


def test_the_head_is_the_newest_migration() -> None:
    assert SCRIPTS.get_current_head() == HEAD
    assert sorted(each.revision for each in SCRIPTS.walk_revisions()) == [
        f"{number:04}" for number in range(1, int(HEAD) + 1)
    ]


def test_the_migrations_make_the_tables(engine: Engine) -> None:
    with write(engine) as connection, connection.begin():
        migrate(connection)
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, Table.metadata) == []


def test_an_older_store_is_migrated_with_all_it_holds(tmp_path: Path, address: str, engine: Engine) -> None:
    make_old(engine, locate(tmp_path, address).project)

    with open_store(tmp_path, address) as store:
        (summary,) = store.runs()
        (test,) = store.tests_of("20261121T1")
        store.absorb(a_run("20261121T2"), [a_test("test_a.py::test_a")])
        (record,) = store.test_records()

    assert summary.run.command == ("pytest",)
    assert (test.id, test.call) == ("test_a.py::test_a", 0.5)
    assert sum(record.outcomes.values()) == 2
    assert version_of(engine) == HEAD


def test_a_newer_store_is_refused(tmp_path: Path, address: str, engine: Engine) -> None:
    open_store(tmp_path, address).close()
    with write(engine) as connection, connection.begin():
        connection.execute(text("UPDATE greenroom_version SET version_num = '0099'"))

    for opens in (open_store, open_existing):
        with pytest.raises(StoreError) as caught:
            opens(tmp_path, address)
        assert "was written by a newer Greenroom (schema 0099, this one knows" in str(caught.value)
        assert "pip install --upgrade greenroom" in str(caught.value)
    assert version_of(engine) == "0099"


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    engine = make_engine(locate(tmp_path, "old.db"), PATIENCE)
    make_old(engine, "")
    file = tmp_path / "old.db"
    size = file.stat().st_size

    code, told = finish(["prlimit", f"--fsize={size}", *absorbing(tmp_path, address="old.db")])

    assert (code, "the disk refuses" in told) == (2, True)
    assert version_of(engine) == "0001"
    assert finish(absorbing(tmp_path, address="old.db")) == (0, "")
    assert version_of(engine) == HEAD


def test_processes_that_migrate_at_once(tmp_path: Path, address: str, engine: Engine) -> None:
    make_old(engine, locate(tmp_path, address).project)
    processes = [start(absorbing(tmp_path, f"20261122T{number}", 10, address)) for number in range(3)]

    told = [process.communicate() for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], told
    with open_store(tmp_path, address) as store:
        assert len(store.runs()) == 4


def test_what_is_not_there_is_not_made_by_looking(tmp_path: Path, address: str) -> None:
    assert open_existing(tmp_path, address) is None
    assert open_existing(tmp_path, address) is None
    assert list(tmp_path.iterdir()) == []
