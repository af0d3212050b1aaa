"""The ways to block an event loop that `bench/loop.py` tries: one function each, its guilty line marked `# here`.

Each is prepared outside the loop by what its generator does before its first `yield`, which hands over the
function that blocks; it is cleaned up after that.
"""

# ruff: noqa: S105, S310, S324, S501, S603, S605, S606, S607, S608, T201, D103, PLC0415, PTH123, PTH116, SIM115, ASYNC
# ruff: noqa: ANN201, ANN001, BLE001, S110, ARG001, PERF203, B018, PLW1510, S113, S602, N806, S301, INP001
import concurrent.futures
import contextlib
import hashlib
import http.client
import json
import logging
import mmap
import os
import queue
import re
import select
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep as nap

HOW_LONG = 0.2
URL = os.environ.get("LOOP_BENCH_URL", "")
REDIS = int(os.environ.get("LOOP_BENCH_REDIS", "0"))
POSTGRES = os.environ.get("LOOP_BENCH_POSTGRES", "")
SCRATCH = Path(os.environ.get("LOOP_BENCH_SCRATCH") or tempfile.gettempdir())

Case = Callable[[], Iterator[Callable[[], object]]]
CASES: dict[str, Case] = {}
FEEDERS: list[subprocess.Popen[bytes]] = []


def case(name: str) -> Callable[[Case], Case]:
    def keep(function: Case) -> Case:
        CASES[name] = function
        return function

    return keep


def soon(action: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(HOW_LONG + 0.2, action)
    timer.start()
    return timer


def fifo(feeder: str) -> str:
    """Make a pipe with a name, and a process which lets one wait for it."""
    path = tempfile.mktemp(dir=SCRATCH)
    os.mkfifo(path)
    FEEDERS.append(subprocess.Popen(["sh", "-c", feeder.format(path=path)], stdout=subprocess.DEVNULL))
    return path


def stop_feeders() -> None:
    """A watcher that raises leaves nobody at the other end."""
    while FEEDERS:
        feeder = FEEDERS.pop()
        feeder.kill()
        feeder.wait()


def fed_fifo() -> str:
    return fifo(f"exec 3<>{{path}}; sleep {HOW_LONG + 0.25}; echo hello >&3; sleep 0.05")


# ---- sleeping and the network


@case("time.sleep")
def _():
    def block():
        time.sleep(HOW_LONG)  # here

    yield block


@case("sleep, imported by its name")
def _():
    def block():
        nap(HOW_LONG)  # here

    yield block


@case("requests")
def _():
    import requests

    def block():
        requests.get(URL, timeout=5)  # here

    yield block


@case("httpx")
def _():
    import httpx

    client = httpx.Client(timeout=5)

    def block():
        client.get(URL)  # here

    yield block
    client.close()


@case("urllib")
def _():
    def block():
        urllib.request.urlopen(URL, timeout=5).read()  # here

    yield block


@case("http.client")
def _():
    connection = http.client.HTTPConnection(URL.removeprefix("http://").rstrip("/"), timeout=5)

    def block():
        connection.request("GET", "/")  # here
        connection.getresponse().read()  # here

    yield block
    connection.close()


@case("redis")
def _():
    import redis

    client = redis.Redis(port=REDIS)
    client.ping()

    def block():
        client.blpop(["nothing"], timeout=HOW_LONG)  # here

    yield block
    client.close()


@case("psycopg2")
def _():
    import psycopg2

    connection = psycopg2.connect(POSTGRES)

    def block():
        cursor = connection.cursor()
        cursor.execute(f"SELECT pg_sleep({HOW_LONG})")  # here

    yield block
    connection.close()


@case("psycopg 3")
def _():
    import psycopg

    connection = psycopg.connect(POSTGRES)

    def block():
        connection.execute(f"SELECT pg_sleep({HOW_LONG})")  # here

    yield block
    connection.close()


@case("getaddrinfo")
def _():
    def block():
        with contextlib.suppress(OSError):
            socket.getaddrinfo("nobody.invalid", 80)  # here

    yield block


@case("socket.connect")
def _():
    server = socket.create_server(("127.0.0.1", 0), backlog=0)
    crowd = [socket.socket() for _ in range(4)]
    for one in crowd:
        one.setblocking(False)
        one.connect_ex(server.getsockname())
    guest = socket.socket()
    guest.settimeout(HOW_LONG)

    def block():
        with contextlib.suppress(OSError):
            guest.connect(server.getsockname())  # here

    yield block
    for one in (guest, server, *crowd):
        one.close()


@case("socket.recv")
def _():
    ours, theirs = socket.socketpair()
    timer = soon(lambda: theirs.send(b"x"))

    def block():
        ours.recv(1)  # here

    yield block
    timer.join()
    ours.close()
    theirs.close()


@case("socket.sendall")
def _():
    ours, theirs = socket.socketpair()
    ours.settimeout(HOW_LONG)

    def block():
        with contextlib.suppress(TimeoutError):
            ours.sendall(b"x" * 10_000_000)  # here

    yield block
    ours.close()
    theirs.close()


@case("socket.accept")
def _():
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(HOW_LONG)

    def block():
        with contextlib.suppress(TimeoutError):
            server.accept()  # here

    yield block
    server.close()


@case("TLS handshake")
def _():
    ours, theirs = socket.socketpair()
    ours.settimeout(HOW_LONG)
    context = ssl.create_default_context()

    def block():
        with contextlib.suppress(OSError):
            context.wrap_socket(ours, server_hostname="x")  # here

    yield block
    theirs.close()
    ours.close()


@case("select")
def _():
    ours, theirs = socket.socketpair()

    def block():
        select.select([ours], [], [], HOW_LONG)  # here

    yield block
    ours.close()
    theirs.close()


@case("poll")
def _():
    poll = select.poll()

    def block():
        poll.poll(HOW_LONG * 1000)  # here

    yield block


# ---- databases in files, and files


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
    path = fifo(f"sleep {HOW_LONG + 0.2}; echo hello > {{path}}")

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
    path = Path(fifo(f"exec 3>{{path}}; sleep {HOW_LONG + 0.2}; echo hello >&3"))

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
    path = fifo(f"exec 3<>{{path}}; sleep {HOW_LONG + 0.25}; cat {{path}} >/dev/null & sleep 0.6; kill $!")

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
    path = fifo(f"exec 3<>{{path}}; sleep {HOW_LONG + 0.25}; cat {{path}} >/dev/null & sleep 0.6; kill $!")
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


# ---- processes


@case("subprocess.run")
def _():
    def block():
        subprocess.run(["sleep", str(HOW_LONG)])  # here

    yield block


@case("Popen.communicate")
def _():
    def block():
        process = subprocess.Popen(["sleep", str(HOW_LONG)], stdout=subprocess.PIPE)  # here
        process.communicate()  # here

    yield block


@case("Popen.wait")
def _():
    def block():
        process = subprocess.Popen(["sleep", str(HOW_LONG)])  # here
        process.wait()  # here

    yield block


@case("os.system")
def _():
    def block():
        os.system(f"sleep {HOW_LONG}")  # here

    yield block


@case("os.popen")
def _():
    def block():
        os.popen(f"sleep {HOW_LONG}").read()  # here

    yield block


@case("os.waitpid")
def _():
    process = subprocess.Popen(["sleep", str(HOW_LONG + 0.2)])

    def block():
        os.waitpid(process.pid, 0)  # here

    yield block
    process.returncode = 0


# ---- threads


@case("Lock")
def _():
    lock = threading.Lock()
    lock.acquire()
    timer = soon(lock.release)

    def block():
        lock.acquire()  # here

    yield block
    timer.join()


@case("with Lock")
def _():
    lock = threading.Lock()
    lock.acquire()
    timer = soon(lock.release)

    def block():
        with lock:  # here
            pass

    yield block
    timer.join()


@case("RLock")
def _():
    lock = threading.RLock()

    def keep():
        with lock:
            time.sleep(HOW_LONG + 0.2)

    thread = threading.Thread(target=keep)
    thread.start()

    def block():
        lock.acquire()  # here
        lock.release()

    yield block
    thread.join()


@case("Event")
def _():
    event = threading.Event()

    def block():
        event.wait(HOW_LONG)  # here

    yield block


@case("Condition")
def _():
    condition = threading.Condition()

    def block():
        with condition:
            condition.wait(HOW_LONG)  # here

    yield block


@case("Semaphore")
def _():
    semaphore = threading.Semaphore(0)

    def block():
        semaphore.acquire(timeout=HOW_LONG)  # here

    yield block


@case("Queue")
def _():
    things = queue.Queue()

    def block():
        with contextlib.suppress(queue.Empty):
            things.get(timeout=HOW_LONG)  # here

    yield block


@case("SimpleQueue")
def _():
    things = queue.SimpleQueue()

    def block():
        with contextlib.suppress(queue.Empty):
            things.get(timeout=HOW_LONG)  # here

    yield block


@case("Future.result")
def _():
    future = concurrent.futures.Future()

    def block():
        with contextlib.suppress(TimeoutError):
            future.result(timeout=HOW_LONG)  # here

    yield block


@case("Thread.join")
def _():
    thread = threading.Thread(target=nap, args=(HOW_LONG + 0.2,))
    thread.start()

    def block():
        thread.join()  # here

    yield block


# ---- the processor


@case("a loop")
def _():
    def block():
        total = 0
        for number in range(4_000_000):  # here
            total += number * number  # here

    yield block


@case("json.loads")
def _():
    text = json.dumps([{"id": number, "name": "somebody"} for number in range(300_000)])

    def block():
        json.loads(text)  # here

    yield block


@case("json.dumps")
def _():
    data = [{"id": number, "name": "somebody"} for number in range(300_000)]

    def block():
        json.dumps(data)  # here

    yield block


@case("regex")
def _():
    def block():
        re.match(r"(a+)+b", "a" * 23)  # here

    yield block


@case("zlib")
def _():
    data = os.urandom(8_000_000)

    def block():
        zlib.compress(data)  # here

    yield block


@case("pbkdf2")
def _():
    def block():
        hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 300_000)  # here

    yield block


@case("bcrypt")
def _():
    import bcrypt

    salt = bcrypt.gensalt(12)

    def block():
        bcrypt.hashpw(b"secret", salt)  # here

    yield block


@case("sorted")
def _():
    numbers = [hash(str(number)) for number in range(500_000)]

    def block():
        sorted(numbers)  # here

    yield block


@case("a big number")
def _():
    def block():
        number = 7**1_300_000  # here
        return number & 1

    yield block
