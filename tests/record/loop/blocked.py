"""Code of a project which blocks its loop in many ways, for the tests beside it: guilty lines end in `# here`."""

import asyncio
import ctypes
import json
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from time import sleep as nap

from greenroom.model.evidence import Stall

LONG = 0.25
_NUMBERS = json.dumps(list(range(6_000_000)))
_OBJECTS = json.dumps([{"id": number, "name": "somebody"} for number in range(900_000)])


def sleeps() -> None:
    time.sleep(LONG)  # here: sleeps


def sleeps_by_another_name() -> None:
    nap(LONG)  # here: sleeps_by_another_name


def parses() -> None:
    json.loads(_NUMBERS)  # here: parses


def parses_objects() -> None:
    json.loads(_OBJECTS)  # here: parses_objects


def computes() -> int:
    total = 0
    for number in range(6_000_000):  # here: computes
        total += number * number  # here: computes
    return total


def raises_to_a_power() -> int:
    number = 7**1_700_000  # here: raises_to_a_power
    return number & 1


def keeps_the_interpreter() -> None:
    ctypes.PyDLL(None).usleep(int(LONG * 1e6))  # here: keeps_the_interpreter


def waits_for_a_lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(LONG, lock.release).start()
    with lock:  # here: waits_for_a_lock
        pass


def waits_for_an_event() -> None:
    threading.Event().wait(LONG)  # here: waits_for_an_event


WAYS: dict[str, tuple[Callable[[], object], str, str]] = {
    "sleeps": (sleeps, "io", "time.sleep"),
    "sleeps_by_another_name": (sleeps_by_another_name, "io", "time.sleep"),
    "parses": (parses, "cpu", "json.loads"),
    "parses_objects": (parses_objects, "cpu", "json.loads"),
    "computes": (computes, "cpu", ""),
    "raises_to_a_power": (raises_to_a_power, "cpu", ""),
    "keeps_the_interpreter": (keeps_the_interpreter, "io", "ctypes.PyDLL().usleep"),
    "waits_for_a_lock": (waits_for_a_lock, "lock", "lock.__enter__"),
    "waits_for_an_event": (waits_for_an_event, "lock", "threading.Event().wait"),
}
"""Function, kind of the stall, what it calls."""


async def handler(block: Callable[[], object]) -> None:
    """A request."""
    await asyncio.sleep(0.05)
    block()
    await asyncio.sleep(0.05)


def guilty(stalls: Iterable[Stall]) -> list[Stall]:
    """Those that name one of the functions above; a machine that stands still may add others, truly seen."""
    return [stall for stall in stalls if stall.place is not None and stall.place.symbol in WAYS]


def lines(name: str) -> set[int]:
    """The guilty ones."""
    rows = Path(__file__).read_text(encoding="utf-8").splitlines()
    return {number for number, row in enumerate(rows, 1) if row.endswith(f"# here: {name}")}
