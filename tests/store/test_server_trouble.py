"""What can happen to a server: a clear error without the password, exit code 2, and nothing lost."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from greenroom.store.engine import LOCK
from greenroom.store.store import open_store
from tests.postgres import PASSWORD, PostgresServer, free_port, running_postgres
from tests.store.examples import a_run, a_test
from tests.store.processes import absorbing, finish, start

FIRST = a_run("20261121T000000Z-first")

WRITERS = """SELECT count(*) FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE datname = current_database() AND locktype = 'advisory' AND granted AND query LIKE 'INSERT%evidence%'"""


def refused(root: Path, address: str, *, patience: float = 60) -> str:
    """What a process says that cannot write there."""
    code, told = finish(absorbing(root, address=address, patience=patience))

    assert code == 2, told
    assert told.startswith("the store postgresql://")
    assert "Traceback" not in told
    return told


@pytest.fixture
def address(tmp_path: Path, postgres: PostgresServer) -> str:
    """A store that holds one run."""
    address = postgres.new_database()
    fill(tmp_path, address)
    return address


def fill(root: Path, address: str) -> None:
    with open_store(root, address) as store:
        store.absorb(FIRST, [a_test()])


def runs_of(root: Path, address: str) -> dict[str, int]:
    with open_store(root, address) as store:
        return {each.run.id: len(store.tests_of(each.run.id)) for each in store.runs()}


def wait_for_a_writer(postgres: PostgresServer, database: str, process: subprocess.Popen[str]) -> None:
    while postgres.sql(database, WRITERS) == "0":
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def test_a_wrong_password(tmp_path: Path, postgres: PostgresServer) -> None:
    told = refused(tmp_path, postgres.address("postgres", password="hidden/@word"))  # noqa: S106  - a wrong one

    assert "the server does not let this user in. See user and password" in told
    assert "://team:***@127.0.0.1" in told
    assert "hidden" not in told


def test_a_password_from_the_environment(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = address.replace(f":{quote(PASSWORD, safe='')}@", "@")
    assert "no password" in refused(tmp_path, without)

    monkeypatch.setenv("PGPASSWORD", PASSWORD)

    assert runs_of(tmp_path, without) == {FIRST.id: 1}


def test_no_such_user(tmp_path: Path, postgres: PostgresServer) -> None:
    assert "the server does not let this user in" in refused(tmp_path, postgres.address("postgres", user="x"))


def test_no_such_database(tmp_path: Path, postgres: PostgresServer) -> None:
    told = refused(tmp_path, postgres.address("nowhere"))

    assert "there is no such database. Create it: createdb" in told


def test_no_server(tmp_path: Path) -> None:
    told = refused(tmp_path, f"postgresql://team:hidden@127.0.0.1:{free_port()}/greenroom")

    assert "the server cannot be reached" in told
    assert "hidden" not in told


def test_no_such_machine(tmp_path: Path) -> None:
    told = refused(tmp_path, "postgresql://team:hidden@nowhere.invalid/greenroom")

    assert "the server cannot be reached" in told
    assert "hidden" not in told


def test_an_address_that_cannot_be_read(tmp_path: Path) -> None:
    code, told = finish(absorbing(tmp_path, address="postgresql://team:hidden@db:5432x/greenroom"))

    assert code == 2
    assert told.startswith("the address of the store postgresql://team:***@db:5432x/greenroom cannot be read")
    assert "hidden" not in told


def test_a_user_who_may_not_create_tables(tmp_path: Path, postgres: PostgresServer) -> None:
    postgres.new_database()
    postgres.sql("postgres", f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'")

    told = refused(tmp_path, postgres.address("postgres", user="guest"))

    assert "this user may not do that. Grant it the right" in told


def test_a_server_that_only_reads(tmp_path: Path, postgres: PostgresServer, address: str) -> None:
    database = address.rpartition("/")[2]
    postgres.sql("postgres", f"ALTER DATABASE {database} SET default_transaction_read_only = on")

    assert "the server only reads" in refused(tmp_path, address)
    assert runs_of(tmp_path, address) == {FIRST.id: 1}


def test_a_writer_that_does_not_end(tmp_path: Path, address: str) -> None:
    with psycopg.connect(address, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])

        told = refused(tmp_path, address, patience=0.1)
        readable = runs_of(tmp_path, address)

    assert "another process has been writing to it for too long" in told
    assert readable == {FIRST.id: 1}


def test_processes_that_begin_at_once(tmp_path: Path, postgres: PostgresServer) -> None:
    address = postgres.new_database()
    names = [f"20261121T{number}" for number in range(3)]
    processes = [start(absorbing(tmp_path, name, 300, address)) for name in [*names, names[0]]]

    told = [process.communicate() for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0, 0], told
    assert runs_of(tmp_path, address) == dict.fromkeys(names, 300)


def test_killed_in_the_middle(tmp_path: Path, postgres: PostgresServer, address: str) -> None:
    command = absorbing(tmp_path, "20261121T1", 20_000, address)
    process = start(command)
    wait_for_a_writer(postgres, address.rpartition("/")[2], process)

    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert process.returncode == -signal.SIGKILL
    assert runs_of(tmp_path, address) == {FIRST.id: 1}
    assert finish(command) == (0, "")
    assert runs_of(tmp_path, address) == {FIRST.id: 1, "20261121T1": 20_000}


def test_the_server_dies_in_the_middle(tmp_path: Path) -> None:
    with running_postgres() as own:
        address = own.new_database()
        fill(tmp_path, address)
        process = start(absorbing(tmp_path, "20261121T1", 20_000, address))
        wait_for_a_writer(own, address.rpartition("/")[2], process)

        own.stop()
        _, told = process.communicate()

        assert process.returncode == 2, told
        assert "the server cannot be reached, or went away" in told
        own.start()
        assert runs_of(tmp_path, address) == {FIRST.id: 1}


def test_a_schema_of_its_own(tmp_path: Path, postgres: PostgresServer, address: str) -> None:
    """Two projects of the same name in one database."""
    database = address.rpartition("/")[2]
    postgres.sql(database, "CREATE SCHEMA other")

    assert runs_of(tmp_path, f"{address}?options=-csearch_path%3Dother") == {}
    assert runs_of(tmp_path, address) == {FIRST.id: 1}


def test_a_driver_that_is_not_installed(tmp_path: Path) -> None:
    command = absorbing(tmp_path, address="postgresql://team:hidden@127.0.0.1/greenroom")
    *_, root, address, run_id, number, patience = command
    call = f"main({root!r}, {address!r}, {run_id!r}, {number!r}, {patience!r})"
    without = "import sys; sys.modules['psycopg'] = None; from tests.store.absorbing import main; "

    code, told = finish([sys.executable, "-c", f"{without}sys.exit({call})"])

    assert code == 2
    assert "pip install 'greenroom[postgres]'" in told
    assert "hidden" not in told
