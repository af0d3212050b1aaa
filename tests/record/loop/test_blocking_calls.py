import asyncio
import os
import queue
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

import anyio.to_thread
import pytest

from greenroom.record.loop import watch
from tests.record.loop.conftest import Run

HERE = Path(__file__).parent
LIMIT = timedelta(seconds=30)
SOON = 0.003


def receives() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        threading.Timer(SOON, theirs.send, [b"x"]).start()
        ours.recv(1)


def connects() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def shakes_hands() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(SOON)
    with ours, theirs, pytest.raises(OSError, match=r"timed out|handshake"):
        ssl.create_default_context().wrap_socket(ours, server_hostname="x")


def asks_for_a_name() -> None:
    socket.getaddrinfo("127.0.0.1", 80)


def reads_a_file() -> None:
    Path(__file__).read_text(encoding="utf-8")


def reads_a_descriptor() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"x")
    os.read(reader, 1)
    os.close(reader)
    os.close(writer)


def queries() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("SELECT 1").fetchall()
    connection.close()


def starts_a_process() -> None:
    subprocess.run(["true"], check=True)


def asks_a_shell() -> None:
    os.system("true")  # noqa: S605


def waits_for_a_queue() -> None:
    with pytest.raises(queue.Empty):
        queue.Queue[int]().get(timeout=SOON)


def waits_for_a_future() -> None:
    with pytest.raises(TimeoutError):
        Future[int]().result(timeout=SOON)


def joins_a_thread() -> None:
    thread = threading.Thread(target=time.sleep, args=(SOON,))
    thread.start()
    thread.join()


CALLS: dict[str, tuple[Callable[[], None], str]] = {
    "receives": (receives, "network"),
    "connects": (connects, "network"),
    "shakes_hands": (shakes_hands, "network"),
    "asks_for_a_name": (asks_for_a_name, "dns"),
    "reads_a_file": (reads_a_file, "file"),
    "reads_a_descriptor": (reads_a_descriptor, "file"),
    "queries": (queries, "database"),
    "starts_a_process": (starts_a_process, "process"),
    "asks_a_shell": (asks_a_shell, "process"),
    "waits_for_a_queue": (waits_for_a_queue, "lock"),
    "waits_for_a_future": (waits_for_a_future, "lock"),
    "joins_a_thread": (joins_a_thread, "lock"),
}


async def calls(block: Callable[[], None]) -> None:
    block()


@pytest.mark.parametrize("name", CALLS)
def test_a_short_call_is_seen_where_it_is_made(run: Run, name: str) -> None:
    block, kind = CALLS[name]

    with watch(LIMIT, [HERE]) as seen:
        run(calls(block))

    assert seen.stalls == ()
    assert seen.notes == ()
    assert kind in {call.kind for call in seen.calls}
    assert {call.place.symbol for call in seen.calls} == {name}


def test_the_same_calls_outside_of_a_loop_are_nobodys_business() -> None:
    with watch(LIMIT, [HERE]) as seen:
        for block, _ in CALLS.values():
            block()

    assert seen.calls == ()


def test_the_same_calls_in_threads_of_a_loop_are_nobodys_business(run: Run) -> None:
    async def main() -> None:
        for block, _ in CALLS.values():
            await asyncio.to_thread(block)

    with watch(LIMIT, [HERE]) as seen:
        run(main())

    assert {call.kind for call in seen.calls} <= {"lock"}


def test_what_asyncio_does_itself_is_not_blocking(run: Run) -> None:
    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answers, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
        writer.write(b"hello\n")
        assert await reader.readline() == b"hello\n"
        writer.close()
        process = await asyncio.create_subprocess_exec("true")
        await process.wait()
        server.close()

    with watch(LIMIT, [HERE]) as seen:
        run(main())

    assert seen.calls == ()


def test_the_start_of_a_thread_waits_for_nobody_and_its_result_does(run: Run) -> None:
    ready = threading.Event()

    async def main() -> None:
        await anyio.to_thread.run_sync(ready.set)
        thread = threading.Thread(target=ready.set)
        thread.start()
        thread.join()

    with watch(LIMIT, [HERE]) as seen:
        run(main())

    assert [call.call for call in seen.calls] == ["threading.Thread.join"]


def test_whoever_forbids_to_ask_the_system_on_a_loop_is_not_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(path: str) -> str:
        message = f"Blocking call to os.path.abspath: {path}"
        raise RuntimeError(message)

    with watch(LIMIT, [HERE]) as seen, monkeypatch.context() as patches:
        patches.setattr(os.path, "abspath", forbidden)
        run(calls(asks_for_a_name))

    assert seen.notes == ()
    assert {call.place.symbol for call in seen.calls} == {"asks_for_a_name"}


def test_the_same_line_is_one_call_with_its_number(run: Run) -> None:
    async def main() -> None:
        for _ in range(7):
            time.sleep(SOON)  # noqa: ASYNC251

    with watch(LIMIT, [HERE]) as seen:
        run(main())

    (call,) = seen.calls
    assert (call.call, call.kind, call.times) == ("time.sleep", "sleep", 7)
    assert call.seconds >= SOON
