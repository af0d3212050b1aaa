"""Files, and databases in files."""

import contextlib
import logging
import mmap
import os
import sqlite3
import sys
import tempfile
from pathlib import Path

from blocking.case import HOW_LONG, SCRATCH, case, fed_fifo, fifo


@case("sqlite3, a long query")
def _():
    connection = sqlite3.connect(":memory:")
    query = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 1500000) SELECT sum(i) FROM n"
    )

    def block():
        connection.execute(query).fetchall()  # here

    yield block
    connection.close()


@case("sqlite3, a locked database")
def _():
    path = tempfile.mktemp(dir=SCRATCH)
    owner, guest = sqlite3.connect(path, isolation_level=None), sqlite3.connect(path, timeout=HOW_LONG)
    owner.execute("CREATE TABLE t (i)")
    owner.execute("BEGIN EXCLUSIVE")

    def block():
        with contextlib.suppress(sqlite3.OperationalError):
            guest.execute("INSERT INTO t VALUES (1)")  # here

    yield block
    guest.close()
    owner.close()


@case("file, opened")
def _():
    path = fifo(f"sleep {HOW_LONG + 0.6}; echo hello > {{path}}")

    def block():
        open(path).close()  # here

    yield block


@case("file, text")
def _():
    path = fed_fifo()

    def block():
        with open(path) as file:
            file.read(3)  # here

    yield block


@case("file, binary")
def _():
    path = fed_fifo()

    def block():
        with open(path, "rb") as file:
            file.read(3)  # here

    yield block


@case("file, by line")
def _():
    path = fed_fifo()

    def block():
        with open(path) as file:
            for _ in file:  # here
                break

    yield block


@case("Path.read_text")
def _():
    path = Path(fifo(f"exec 3>{{path}}; sleep {HOW_LONG + 0.6}; echo hello >&3"))

    def block():
        path.read_text()  # here

    yield block


@case("os.read")
def _():
    descriptor = os.open(fed_fifo(), os.O_RDWR)

    def block():
        os.read(descriptor, 3)  # here

    yield block
    os.close(descriptor)


@case("mmap")
def _():
    path = tempfile.mktemp(dir=SCRATCH)
    with open(path, "wb") as file:
        file.truncate(700_000_000)

    def block():
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            view.find(b"x")  # here

    yield block
    os.unlink(path)


@case("file, written")
def _():
    path = fifo(f"exec 3<>{{path}}; sleep {HOW_LONG + 0.65}; cat {{path}} >/dev/null & sleep 0.6; kill $!")

    def block():
        with open(path, "wb", buffering=0) as file:
            file.write(b"x" * 100_000)  # here

    yield block


@case("fsync")
def _():
    file = open(tempfile.mktemp(dir=SCRATCH), "wb")
    file.write(os.urandom(60_000_000))
    file.flush()

    def block():
        os.fsync(file.fileno())  # here

    yield block
    file.close()
    os.unlink(file.name)


@case("logging to a file")
def _():
    path = fifo(f"exec 3<>{{path}}; sleep {HOW_LONG + 0.65}; cat {{path}} >/dev/null & sleep 0.6; kill $!")
    log = logging.Logger("bench")
    log.addHandler(logging.FileHandler(path))

    def block():
        log.warning("x" * 100_000)  # here

    yield block
    log.handlers[0].close()


@case("late import")
def _():
    folder = tempfile.mkdtemp(dir=SCRATCH)
    Path(folder, "slow_to_load.py").write_text(f"import time\ntime.sleep({HOW_LONG})\n")
    sys.path.insert(0, folder)
    sys.modules.pop("slow_to_load", None)

    def block():
        import slow_to_load  # type: ignore[import-not-found]  # noqa: F401  # here

    yield block
    sys.path.remove(folder)
