import asyncio
import concurrent.futures
import gc
import os
import pickle
import socket
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvloop

from greenroom.record.loop import watch
from tests.record.loop.blocked import guilty, handler, sleeps
from tests.record.loop.conftest import Run

HERE = Path(__file__).parent
LIMIT = timedelta(milliseconds=80)


def everything() -> list[object]:
    owners = (time, os, socket.socket, socket, subprocess.Popen, threading.Condition, threading.Thread,
              sqlite3.Cursor, sqlite3.Connection, asyncio.BaseEventLoop, asyncio.AbstractEventLoop, uvloop.Loop)  # fmt: skip
    return [dict(vars(owner)) for owner in owners]


def entries(folder: str) -> list[str]:
    return sorted(entry.name for entry in Path("/proc/self", folder).iterdir())


def test_nothing_is_left_behind(run: Run) -> None:
    with watch(LIMIT, [HERE]):
        run(asyncio.sleep(0))
    before, running, open_files = everything(), entries("task"), entries("fd")
    callbacks = list(gc.callbacks)

    with watch(LIMIT, [HERE]):
        assert everything() != before
        run(handler(sleeps))

    assert everything() == before
    assert entries("task") == running
    assert entries("fd") == open_files
    assert gc.callbacks == callbacks


def test_threads_that_live_on_keep_nothing_of_a_watch(run: Run) -> None:
    run(asyncio.sleep(0))  # the library below uvloop keeps a pipe from its first loop on
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        list(pool.map(time.sleep, [0.05] * 3))
        open_files = entries("fd")
        with watch(LIMIT, [HERE]):
            list(pool.map(run, [asyncio.sleep(0.2) for _ in range(3)]))
            assert entries("fd") != open_files

        assert entries("fd") == open_files


def test_threads_that_end_give_back_what_looked_at_them(run: Run) -> None:
    def one(seconds: float) -> None:
        thread = threading.Thread(target=lambda: run(asyncio.sleep(seconds)))
        thread.start()
        thread.join()

    with watch(LIMIT, [HERE]):
        one(0.2)
        open_files = len(entries("fd"))
        for _ in range(30):
            one(0.0)
        one(0.2)
        assert len(entries("fd")) == open_files


def test_a_loop_that_is_over_is_let_go(run: Run) -> None:
    loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []

    async def main() -> None:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        await asyncio.sleep(0)

    with watch(LIMIT, [HERE]):
        run(main())
        gc.collect()
        assert [each() for each in loops] == [None]


def test_tests_that_count_threads_see_none_of_ours(run: Run) -> None:
    async def main() -> list[str]:
        await asyncio.sleep(0.1)
        return [thread.name for thread in threading.enumerate()]

    before = [thread.name for thread in threading.enumerate()]
    with watch(LIMIT, [HERE]):
        assert run(main()) == before


def test_watches_may_overlap(run: Run) -> None:
    before = everything()
    first, second = watch(LIMIT, [HERE]), watch(LIMIT, [HERE])
    one = first.__enter__()
    other = second.__enter__()
    first.__exit__(None, None, None)
    run(handler(sleeps))
    second.__exit__(None, None, None)

    assert guilty(one.stalls) == []
    assert [stall.call for stall in guilty(other.stalls)] == ["time.sleep"]
    assert everything() == before


def test_somebody_elses_patch_on_top_of_ours_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    with watch(LIMIT, [HERE]), monkeypatch.context() as patch:
        patch.setattr(time, "sleep", naps.append)
        time.sleep(5)

    assert naps == [5]


def test_functions_stay_what_they_were_to_classes_and_pickle() -> None:
    with watch(LIMIT, [HERE]):

        class Patient:
            nap: Any = time.sleep

        Patient().nap(0)
        assert pickle.loads(pickle.dumps(time.sleep)) is time.sleep  # noqa: S301
        with concurrent.futures.ProcessPoolExecutor(1) as pool:
            assert pool.submit(time.sleep, 0).result() is None


def test_errors_pass_through_as_they_are(run: Run) -> None:
    async def main() -> None:
        with socket.socket() as client:
            client.connect(("127.0.0.1", 1))

    with watch(LIMIT, [HERE]) as seen, pytest.raises(ConnectionRefusedError):
        run(main())

    assert [call.kind for call in seen.calls] == ["network"]


def program(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = textwrap.dedent(text)
    command = [sys.executable, *arguments, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_process_that_forks_is_neither_warned_nor_watched_in_the_child() -> None:
    done = program(
        """
        import asyncio, os, sys, time
        from datetime import timedelta
        from greenroom.record.loop import watch

        async def main():
            await asyncio.sleep(0.1)
            child = os.fork()
            if not child:
                os._exit(len(os.listdir("/proc/self/task")))
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
            time.sleep(0.3)

        with watch(timedelta(milliseconds=80), ["/"]) as seen:
            asyncio.run(main())
        print([stall.call for stall in seen.stalls if stall.call], seen.notes)
        """,
        "-W",
        "error",
    )

    assert (done.stdout, done.stderr) == ("['time.sleep'] ()\n", "")


def test_a_loop_class_that_is_loaded_later_is_watched_too() -> None:
    done = program(
        """
        import asyncio, sys, time
        from datetime import timedelta
        from greenroom.record.loop import watch

        async def main():
            time.sleep(0.3)

        with watch(timedelta(milliseconds=80)) as seen:
            assert "uvloop" not in sys.modules
            import uvloop
            uvloop.run(main())
        print([stall.call for stall in seen.stalls if stall.call])
        """
    )

    assert (done.stdout, done.stderr) == ("['time.sleep']\n", "")


def test_time_that_somebody_freezes_goes_on_for_us(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with watch(LIMIT, [HERE]) as seen, monkeypatch.context() as patch:
        for name in ("perf_counter", "process_time"):
            patch.setattr(time, name, lambda: 0.0)
        run(handler(sleeps))

    assert [stall.call for stall in guilty(seen.stalls)] == ["time.sleep"]


def test_loads_nothing_but_the_standard_library() -> None:
    done = program(
        "import sys; import greenroom.record.loop; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    foreign = set(done.stdout.split()) - set(sys.stdlib_module_names) - {"greenroom", "__main__"}

    assert {name for name in foreign if not name.startswith(("_", "sitecustomize"))} == set()


def test_a_loop_that_waits_is_not_woken() -> None:
    class Counting(asyncio.SelectorEventLoop):
        turns = 0

        def _run_once(self) -> None:
            self.turns += 1
            super()._run_once()  # type: ignore[misc]

    loop = Counting()
    try:
        with watch(LIMIT, [HERE]):
            loop.run_until_complete(asyncio.sleep(10 * LIMIT.total_seconds()))
    finally:
        loop.close()

    assert loop.turns < 10
