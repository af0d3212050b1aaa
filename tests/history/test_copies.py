import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from greenroom.history.copies import by_copies

_ITEMS = range(10)
_WEIGHTS = [1] * 10


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """On machines with one core, too."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def _nobody_is_left() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def test_the_parts_are_answered_by_processes_of_their_own_and_in_order() -> None:
    answers = by_copies(lambda part: (os.getpid(), list(part)), _ITEMS, _WEIGHTS, worth=5)

    assert [part for _, part in answers] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert answers[0][0] == os.getpid() != answers[1][0]
    assert _nobody_is_left()


def test_a_part_is_as_heavy_as_the_others() -> None:
    assert by_copies(list, _ITEMS, [1, 1, 1, 1, 1, 1, 1, 1, 1, 9], worth=1) == [list(range(9)), [9]]
    assert by_copies(list, _ITEMS, [9, 1, 1, 1, 1, 1, 1, 1, 1, 1], worth=1) == [[0], list(range(1, 10))]


@pytest.mark.parametrize("items", [range(0), range(9)])
def test_little_is_done_here(items: Sequence[int]) -> None:
    assert by_copies(lambda part: (os.getpid(), list(part)), items, [1] * len(items), worth=5) == [
        (os.getpid(), list(items))
    ]


def test_what_a_killed_copy_owes_is_done_here() -> None:
    here = os.getpid()

    def work(part: Sequence[int]) -> list[int]:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return list(part)

    assert by_copies(work, _ITEMS, _WEIGHTS, worth=5) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert _nobody_is_left()


@pytest.mark.parametrize("bad", [0, 9])
def test_what_fails_in_any_part_fails_here(bad: int, capfd: pytest.CaptureFixture[str]) -> None:
    def work(part: Sequence[int]) -> list[int]:
        if bad in part:
            message = f"{bad} is bad"
            raise ValueError(message)
        return list(part)

    with pytest.raises(ValueError, match=f"{bad} is bad"):
        by_copies(work, _ITEMS, _WEIGHTS, worth=5)
    assert _nobody_is_left()
    assert capfd.readouterr() == ("", "")


def test_answers_larger_than_a_pipe_arrive(tmp_path: Path) -> None:
    def work(part: Sequence[int]) -> bytes:
        (tmp_path / str(part[0])).touch()
        return bytes(part) * 1_000_000

    assert by_copies(work, _ITEMS, _WEIGHTS, worth=5) == [
        bytes(range(5)) * 1_000_000,
        bytes(range(5, 10)) * 1_000_000,
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "5"]
