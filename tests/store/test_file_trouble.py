"""What can happen to a file: a clear error, exit code 2, and nothing lost."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from greenroom.store.errors import StoreError
from greenroom.store.store import open_store
from tests.store.examples import a_run, a_test, many_tests
from tests.store.processes import absorbing, finish, start

MEGABYTE = 1024 * 1024
_PAGE = 4096
FIRST = a_run("20261121T000000Z-first")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose store holds one run."""
    fill(tmp_path)
    return tmp_path


def fill(root: Path) -> None:
    with open_store(root) as store:
        store.absorb(FIRST, [a_test()])


def file_of(root: Path) -> Path:
    return root / ".greenroom" / "greenroom.db"


def runs_of(root: Path) -> dict[str, int]:
    """Runs, and how many tests each has."""
    with open_store(root) as store:
        return {each.run.id: len(store.tests_of(each.run.id)) for each in store.runs()}


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not ready():
        assert process.poll() is None, process.communicate()
        time.sleep(0.001)


def test_processes_that_begin_at_once(tmp_path: Path) -> None:
    """The file is not there yet: each of them wants to make it."""
    names = [f"20261121T{number}" for number in range(4)]
    processes = [start(absorbing(tmp_path, name, 300)) for name in names]

    told = [process.communicate() for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0, 0], told
    assert runs_of(tmp_path) == dict.fromkeys(names, 300)


def test_processes_that_take_in_the_same_run(tmp_path: Path) -> None:
    processes = [start(absorbing(tmp_path, "20261121T1", 500)) for _ in range(3)]

    told = [process.communicate() for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], told
    assert runs_of(tmp_path) == {"20261121T1": 500}
    with open_store(tmp_path) as store:
        assert {sum(record.outcomes.values()) for record in store.test_records()} == {1}


def test_a_writer_that_does_not_end(root: Path) -> None:
    with closing(sqlite3.connect(file_of(root), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        code, told = finish(absorbing(root, patience=0.1))
        readable = runs_of(root)

    assert code == 2
    assert "another process has been writing to it for too long" in told
    assert "repeat the command" in told
    assert readable == {FIRST.id: 1}


@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_who_waits_says_for_what(root: Path, lock: str) -> None:
    with closing(sqlite3.connect(file_of(root), isolation_level=None, check_same_thread=False)) as other:
        other.execute(lock)
        waiting = start(absorbing(root, "20261121T2"))
        assert waiting.stderr is not None
        told = waiting.stderr.readline()
        other.execute("ROLLBACK")
        further = waiting.communicate()[1]

    assert told == (
        f"greenroom: waiting for the store {file_of(root)}: another process seems to be writing to it. "
        "It is waited for 60 s at most.\n"
    )
    assert (waiting.returncode, further) == (0, "")


def test_who_need_not_wait_says_nothing(root: Path) -> None:
    assert finish(absorbing(root, "20261121T2")) == (0, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallDisk:
    """A folder with little room, and how a command is run there."""

    folder: Path
    prefix: tuple[str, ...]
    grow: Callable[[], object]
    says: str


@pytest.fixture(params=["limit", "disk"])
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallDisk]:
    """A file system of two megabytes where we may mount one; else files that may not grow beyond as much."""
    limited = SmallDisk(
        folder=tmp_path,
        prefix=("prlimit", f"--fsize={2 * MEGABYTE}"),
        grow=lambda: None,
        says="the disk refuses",
    )
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)]
    if request.param == "limit" or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        yield limited
        return
    larger = ["mount", "-o", "remount,size=64m", str(tmp_path)]
    try:
        yield SmallDisk(
            folder=tmp_path,
            prefix=(),
            grow=lambda: subprocess.run(larger, check=True),
            says="the disk is full. Make room",
        )
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_full_disk_loses_nothing(small_disk: SmallDisk) -> None:
    root = small_disk.folder
    fill(root)
    command = absorbing(root, "20261121T1", 5000)

    code, told = finish([*small_disk.prefix, *command])

    assert code == 2
    assert f"the store {file_of(root)}: {small_disk.says}" in told
    assert runs_of(root) == {FIRST.id: 1}

    small_disk.grow()
    assert finish(command) == (0, "")
    assert runs_of(root) == {FIRST.id: 1, "20261121T1": 5000}


def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    code, told = finish(["prlimit", "--fsize=1000", *absorbing(tmp_path)])

    assert code == 2
    assert "the disk refuses" in told
    assert finish(absorbing(tmp_path)) == (0, "")


@pytest.mark.parametrize("grown", [0, MEGABYTE])
def test_killed_in_the_middle(grown: int, root: Path) -> None:
    """As soon as it writes, and when the file itself holds the half of it."""
    before = file_of(root).stat().st_size
    journal = root / ".greenroom" / "greenroom.db-journal"
    process = start(absorbing(root, "20261121T1", 20_000))
    wait_until(lambda: journal.exists() and file_of(root).stat().st_size >= before + grown, process)

    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert process.returncode == -signal.SIGKILL
    assert journal.exists()
    assert runs_of(root) == {FIRST.id: 1}
    assert finish(absorbing(root, "20261121T1", 20_000)) == (0, "")
    assert runs_of(root) == {FIRST.id: 1, "20261121T1": 20_000}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"no database at all\n" * 100,
        lambda content: content[: len(content) // 2],
        lambda content: content[:100] + b"\xff" * 4096 + content[4196:],
    ],
    ids=["another file", "the first half", "a damaged page"],
)
def test_a_damaged_file_is_named_and_left_alone(spoil: Callable[[bytes], bytes], root: Path) -> None:
    with open_store(root) as store:
        store.absorb(a_run("20261121T1"), many_tests(500))
    file = file_of(root)
    file.write_bytes(spoil(file.read_bytes()))
    before = file.read_bytes()

    code, told = finish(absorbing(root))

    assert code == 2
    assert told.startswith(f"the store {file}: it is damaged, or no database. Nothing was changed")
    assert "put a copy of it back, or move it away" in told
    assert file.read_bytes() == before


def test_damage_is_an_error_of_ours_wherever_it_is(root: Path) -> None:
    """Each page of the file in turn: evidence is given back as it was, or not at all."""
    tests = tuple(many_tests(200))
    with open_store(root) as store:
        store.absorb(a_run("20261121T1"), tests)
    file = file_of(root)
    whole = file.read_bytes()
    noise = random.Random(4)  # noqa: S311  - noise, and always the same
    refused = 0
    for begin in range(0, len(whole), _PAGE):
        file.write_bytes(whole[:begin] + noise.randbytes(_PAGE) + whole[begin + _PAGE :])
        try:
            with open_store(root) as store:
                assert store.tests_of("20261121T1") == tests
        except StoreError:
            refused += 1

    assert refused > len(whole) // _PAGE // 2


def test_content_that_greenroom_did_not_write(root: Path) -> None:
    with closing(sqlite3.connect(file_of(root))) as other, other:
        other.execute("""UPDATE greenroom_evidence SET document = '{"outcome": "fine"}'""")

    with open_store(root) as store, pytest.raises(StoreError, match=r"it is damaged.*'fine' is not a valid"):
        store.tests_of(FIRST.id)


@pytest.mark.parametrize("version", ["", b"\xff"], ids=["empty", "no text"])
def test_a_version_that_greenroom_did_not_write(version: object, root: Path) -> None:
    with closing(sqlite3.connect(file_of(root))) as other, other:
        other.execute("UPDATE greenroom_version SET version_num = ?", (version,))

    with pytest.raises(StoreError, match=r"it is damaged.*its version is"), open_store(root) as store:
        store.runs()


def test_a_file_of_another_program(tmp_path: Path) -> None:
    file = tmp_path / "app.db"
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("CREATE TABLE users (name TEXT)")
    before = file.read_bytes()

    code, told = finish(absorbing(tmp_path, address="app.db"))

    assert (code, told.strip()) == (2, f"{file} is a database of another program. Set another `store`.")
    assert file.read_bytes() == before


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    """As a process leaves it that was killed at the very start."""
    (tmp_path / "empty.db").touch()

    assert finish(absorbing(tmp_path, address="empty.db")) == (0, "")


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    file_of(tmp_path).mkdir(parents=True)

    code, told = finish(absorbing(tmp_path))

    assert code == 2
    assert f"the store {file_of(tmp_path)}: it cannot be opened" in told


def test_a_file_in_place_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / ".greenroom").write_text("")

    code, told = finish(absorbing(tmp_path))

    assert code == 2
    assert f"the folder {tmp_path / '.greenroom'} of the store cannot be made" in told


def as_a_user() -> tuple[str, ...]:
    """Root may write anywhere, unless it gives that right away."""
    return ("setpriv", "--bounding-set=-dac_override") if os.getuid() == 0 else ()


def test_a_folder_that_may_only_be_read(root: Path) -> None:
    folder = root / ".greenroom"
    file_of(root).chmod(0o444)
    folder.chmod(0o555)
    try:
        code, told = finish([*as_a_user(), *absorbing(root)])
        listed = finish([*as_a_user(), sys.executable, "-m", "greenroom", "runs", str(root)])
    finally:
        folder.chmod(0o755)
        file_of(root).chmod(0o644)

    assert code == 2
    assert f"the store {file_of(root)}: it cannot be written. Give yourself the right" in told
    assert listed == (0, "")
    assert runs_of(root) == {FIRST.id: 1}


def test_a_file_that_can_be_written_in_a_folder_that_cannot(root: Path) -> None:
    """SQLite needs the folder for its journal."""
    folder = root / ".greenroom"
    folder.chmod(0o555)
    try:
        code, told = finish([*as_a_user(), *absorbing(root)])
    finally:
        folder.chmod(0o755)

    assert code == 2
    assert f"the store {file_of(root)}: it cannot be" in told
    assert runs_of(root) == {FIRST.id: 1}


def test_a_project_that_may_only_be_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        code, told = finish([*as_a_user(), *absorbing(tmp_path)])
    finally:
        tmp_path.chmod(0o755)

    assert code == 2
    assert f"the folder {tmp_path / '.greenroom'} of the store cannot be made: Permission denied" in told
