"""What was seeded truly fails: the same code runs as it is and as an operator left it, and does not do the same."""

import asyncio
import threading

import pytest
from starlette.requests import Request
from starlette.types import Message

from tests.catalogue.seeded import Names, as_written, both, with_failure

A2 = """
import asyncio
import threading

async def report():
    return await asyncio.to_thread(lambda: threading.get_ident())
"""


def test_offloaded_work_comes_back_onto_the_loop() -> None:
    here = threading.get_ident()

    before, after = both("A2", A2, lambda names: asyncio.run(names["report"]()) == here)

    assert (before, after) == (False, True)


A4 = """
import asyncio

inside, most = 0, 0

async def call():
    global inside, most
    inside += 1
    most = max(most, inside)
    await asyncio.sleep(0)
    inside -= 1

async def page():
    await asyncio.gather(call(), call())
    return most
"""


def test_calls_at_once_become_one_after_another() -> None:
    assert both("A4", A4, lambda names: asyncio.run(names["page"]())) == (2, 1)


A5 = """
import asyncio

async def good():
    return 1

async def bad():
    raise ValueError("no")

async def page():
    return await asyncio.gather(good(), bad())
"""


def test_a_failure_becomes_a_result() -> None:
    with pytest.raises(ValueError, match="no"):
        asyncio.run(as_written(A5)["page"]())

    first, second = asyncio.run(with_failure("A5", A5)["page"]())

    assert first == 1
    assert isinstance(second, ValueError)


A7 = """
import asyncio

async def leave():
    task = asyncio.create_task(asyncio.Event().wait())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    return task.done()
"""


def test_work_goes_on_for_who_has_left() -> None:
    assert both("A7", A7, lambda names: asyncio.run(names["leave"]())) == (True, False)


A8 = """
import asyncio

done = []

async def write(started, go):
    started.set()
    await go.wait()
    done.append("written")

async def request(started, go):
    await asyncio.shield(write(started, go))

async def main():
    started, go = asyncio.Event(), asyncio.Event()
    client = asyncio.create_task(request(started, go))
    await started.wait()
    client.cancel()
    go.set()
    await asyncio.wait([client])
    for _ in range(3):
        await asyncio.sleep(0)
    return list(done)
"""


def test_a_client_that_leaves_cuts_the_work_off() -> None:
    assert both("A8", A8, lambda names: asyncio.run(names["main"]())) == (["written"], [])


A9 = """
import asyncio

guard = asyncio.Lock()
sold = []

async def sell(name):
    async with guard:
        if not sold:
            await asyncio.sleep(0)
            sold.append(name)

async def main():
    await asyncio.wait([asyncio.ensure_future(sell("one")), asyncio.ensure_future(sell("two"))])
    return len(sold)
"""


def test_the_same_seat_is_sold_twice() -> None:
    assert both("A9", A9, lambda names: asyncio.run(names["main"]())) == (1, 2)


P2 = """
class Taken:
    def __init__(self, pool):
        self.pool = pool
    async def __aenter__(self):
        self.pool.out += 1
        return "connection"
    async def __aexit__(self, *_):
        self.pool.out -= 1

class Pool:
    out = 0
    def acquire(self):
        return Taken(self)

pool = Pool()

async def load():
    async with pool.acquire() as connection:
        return connection
"""


def test_what_was_opened_stays_open() -> None:
    def left_out(names: Names) -> int:
        assert asyncio.run(names["load"]()) == "connection"
        return int(names["pool"].out)

    assert both("P2", P2, left_out) == (0, 1)


S2 = """
import asyncio
from starlette.requests import Request

async def result(request: Request, steps: list[str]) -> str:
    for step in range(3):
        if await request.is_disconnected():
            return "left"
        steps.append(str(step))
    return "done"
"""


def test_nobody_sees_that_the_client_has_gone() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    def asked(names: Names) -> str:
        request = Request({"type": "http", "method": "GET", "path": "/", "headers": []}, receive)
        return str(asyncio.run(names["result"](request, [])))

    assert both("S2", S2, asked) == ("left", "done")


S3 = """
def lines(chunks):
    buffer = ""
    for chunk in chunks:
        buffer += chunk
        *whole, buffer = buffer.split("/")
        yield from whole
    if buffer:
        yield buffer
"""


def test_the_last_words_are_missing() -> None:
    before, after = both("S3", S3, lambda names: list(names["lines"](["a/b", "c"])))

    assert (before, after) == (["a", "bc"], ["a"])


S4 = """
from starlette.responses import StreamingResponse

made = []

async def words():
    for word in ("one", "two"):
        made.append(word)
        yield word

async def chat():
    return StreamingResponse(words())
"""


def test_nothing_is_sent_before_all_is_there() -> None:
    def made_before_sending(names: Names) -> list[str]:
        names["StreamingResponse"] = lambda content: content
        asyncio.run(names["chat"]())
        return list(names["made"])

    assert both("S4", S4, made_before_sending) == ([], ["one", "two"])
