"""Work in parts, by copies of this process: what has been read is there in each, and only answers travel."""

import os
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate
from typing import BinaryIO, NoReturn, TypeVar

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")
_MOST = 4
"""Processes: each reads again what the others have read lazily."""


def by_copies(
    work: Callable[[Sequence[_Item]], _Answer], items: Sequence[_Item], weights: Sequence[int], *, worth: int
) -> list[_Answer]:
    """The answers to consecutive parts of the items, in order; what fails fails here as it does in one process.

    Args:
        work: the answer to some of the items; it can be pickled.
        items: what there is to do.
        weights: how much work each item is.
        worth: how much of that a part must be for a process of its own.
    """
    count = min(_MOST, os.cpu_count() or 1, sum(weights) // worth) if hasattr(os, "fork") else 1
    first, *others = _parts(items, weights, max(count, 1))
    started = [(part, *_start(work, part)) for part in others]
    try:
        return [work(first), *(_answer(work, part, answers) for part, _, answers in started)]
    finally:
        for _, copy, answers in started:
            _end(copy, answers)


def _parts(items: Sequence[_Item], weights: Sequence[int], count: int) -> Iterator[Sequence[_Item]]:
    """As many consecutive parts, of about the same weight."""
    done = [0, *accumulate(weights)]
    ends = [
        next(at for at, weight in enumerate(done) if weight * count >= done[-1] * part)
        for part in range(count)
    ]
    for start, end in zip(ends, [*ends[1:], len(items)], strict=True):
        yield items[start:end]


def _start(work: Callable[[Sequence[_Item]], _Answer], part: Sequence[_Item]) -> tuple[int, BinaryIO]:
    """A copy of this process that answers, and ends."""
    reading, writing = os.pipe()
    copy = os.fork()
    if not copy:
        os.close(reading)
        _work(work, part, writing)
    os.close(writing)
    return copy, os.fdopen(reading, "rb")


def _work(work: Callable[[Sequence[_Item]], _Answer], part: Sequence[_Item], writing: int) -> NoReturn:
    """What fails is tried again by the first process, where it can be told."""
    try:
        with os.fdopen(writing, "wb") as answers:
            pickle.dump(work(part), answers, protocol=pickle.HIGHEST_PROTOCOL)
    except BaseException:  # noqa: BLE001  an interrupt is told once, by the first process
        os._exit(1)
    os._exit(0)


def _answer(work: Callable[[Sequence[_Item]], _Answer], part: Sequence[_Item], answers: BinaryIO) -> _Answer:
    try:
        answer: _Answer = pickle.load(answers)  # noqa: S301  from a copy of this process
    except (EOFError, pickle.UnpicklingError):
        return work(part)
    return answer


def _end(copy: int, answers: BinaryIO) -> None:
    answers.close()
    with suppress(ProcessLookupError):
        os.kill(copy, signal.SIGKILL)
    os.waitpid(copy, 0)
