"""How a way to block is written down, and what several of them need."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

HOW_LONG = 0.2
URL = os.environ.get("LOOP_BENCH_URL", "")
REDIS = int(os.environ.get("LOOP_BENCH_REDIS", "0"))
POSTGRES = os.environ.get("LOOP_BENCH_POSTGRES", "")
SCRATCH = Path(os.environ.get("LOOP_BENCH_SCRATCH") or tempfile.gettempdir())

Case = Callable[[], Iterator[Callable[[], object]]]
CASES: dict[str, Case] = {}
FEEDERS: list[subprocess.Popen[bytes]] = []


def case(name: str) -> Callable[[Case], Case]:
    """Keep a function as one of the ways."""

    def keep(function: Case) -> Case:
        CASES[name] = function
        return function

    return keep


def soon(action: Callable[[], object]) -> threading.Timer:
    """Have something done while the loop is blocked."""
    timer = threading.Timer(HOW_LONG + 0.6, action)
    timer.start()
    return timer


def fifo(feeder: str) -> str:
    """Make a pipe with a name, and a process which lets one wait for it."""
    path = tempfile.mktemp(dir=SCRATCH)
    os.mkfifo(path)
    FEEDERS.append(
        subprocess.Popen(
            ["sh", "-c", feeder.format(path=path)], stdout=subprocess.DEVNULL, start_new_session=True
        )
    )
    return path


def stop_feeders() -> None:
    """A watcher that raises leaves nobody at the other end."""
    while FEEDERS:
        feeder = FEEDERS.pop()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(feeder.pid, signal.SIGKILL)
        feeder.wait()


def fed_fifo() -> str:
    """Make one that opens at once and has nothing to read for a while."""
    return fifo(f"exec 3<>{{path}}; sleep {HOW_LONG + 0.65}; echo hello >&3; sleep 0.05")
