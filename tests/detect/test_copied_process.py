"""A copy of the process takes some of the tasks; whatever becomes of it, none is lost and nothing is left running."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from greenroom.detect.copied_process import CopiedProcess, may_copy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there a process is copied")
TASKS = 40
Work = Callable[[Iterator[int]], list[int]]


def slowly(numbers: Iterator[int]) -> list[int]:
    done = []
    for number in numbers:
        time.sleep(0.005)
        done.append(number)
    return done


def ends(how: Callable[[], object]) -> Work:
    """Takes two tasks, and ends in a way of its own."""

    def work(numbers: Iterator[int]) -> list[int]:
        next(numbers)
        next(numbers)
        how()
        return []

    return work


def children() -> list[str]:
    return Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()


def shared(work: Work) -> tuple[list[int], list[int] | None]:
    """What this process did, and what the copy told."""
    before, files = children(), len(list(Path("/proc/self/fd").iterdir()))
    with CopiedProcess(TASKS, work) as copy:
        assert len(children()) == len(before) + 1
        done, told = slowly(copy.numbers()), copy.result()
    assert children() == before
    assert len(list(Path("/proc/self/fd").iterdir())) == files
    return done, told


def test_each_task_is_done_once_by_whoever_is_free() -> None:
    done, told = shared(slowly)
    assert told is not None
    assert sorted(done + told) == list(range(TASKS))


def test_more_is_told_than_a_pipe_holds() -> None:
    def work(numbers: Iterator[int]) -> list[int]:
        return slowly(numbers) + list(range(500_000))

    told = shared(work)[1]
    assert told is not None
    assert len(told) >= 500_000


@pytest.mark.parametrize(
    "how",
    [
        lambda: os.kill(os.getpid(), signal.SIGKILL),
        lambda: os._exit(0),
        lambda: 1 / 0,
        lambda: sys.exit(3),
        lambda: signal.raise_signal(signal.SIGINT),
    ],
    ids=["killed", "gone", "failed", "left", "interrupted"],
)
def test_what_a_copy_took_that_ended_is_missing_and_nothing_else(how: Callable[[], object]) -> None:
    done, told = shared(ends(how))
    assert told is None
    assert len(done) >= TASKS - 2


def test_what_cannot_be_told_is_not_told() -> None:
    def work(numbers: Iterator[int]) -> list[int]:
        return [*numbers, lambda: 0]  # type: ignore[list-item]

    assert shared(work)[1] is None


def test_a_copy_ends_with_the_block_that_fails() -> None:
    before = children()
    with pytest.raises(KeyError), CopiedProcess(TASKS, ends(lambda: time.sleep(60))):
        raise KeyError
    assert children() == before


def test_a_copy_ends_with_the_process_that_it_copies() -> None:
    answer, tell = os.pipe()
    if not (child := os.fork()):  # it goes without a word, as one that is killed

        def work(_: Iterator[int]) -> list[int]:
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
            return []

        with CopiedProcess(TASKS, work):
            time.sleep(60)
    os.close(tell)
    os.waitpid(child, 0)
    assert os.read(answer, 1) == b""  # nobody holds the other end any more
    os.close(answer)


def test_where_no_process_can_be_made_one_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refuse)
    with CopiedProcess(TASKS, slowly) as copy:
        assert slowly(copy.numbers()) == list(range(TASKS))
        assert copy.result() is None


def test_a_process_with_threads_is_not_copied() -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        assert not may_copy()
    finally:
        end.set()
        thread.join()
