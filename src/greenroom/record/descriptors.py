"""Which descriptors of this process are open, and what each leads to; asked in detail only where something has moved."""

import os
import sys

_FOLDER = "/proc/self/fd"

Mark = tuple[int, int]
"""Tells one file from another without asking for its name, which may change while it is open."""


class Descriptors:
    """What was open when somebody looked last."""

    def __init__(self) -> None:
        self._targets: dict[int, str] = {}
        self._marks: dict[int, Mark] = {}
        """Of those that are asked each time."""
        self._count = 0
        self._settled: set[int] = set()
        self._has_settled = False

    def look(self) -> dict[int, str]:
        """What is open now, by number, as the system spells it: `/tmp/a.txt`, `socket:[4711]`.

        The same object as before where nothing has changed; empty where the system does not say.
        """
        if self._has_moved():
            known, marks, settled = self._targets, self._marks, self._settled
            self._targets = {
                number: known[number]
                if number in settled or (number in marks and marks[number] == _mark(number))
                else target
                for number, target in _targets()
            }
            settled.intersection_update(self._targets)
            self._marks = {number: _mark(number) for number in self._targets if number not in settled}
        return self._targets

    def settle_once(self) -> None:
        """Take what is open before the first test for what it is until it is closed: it is the runner's.

        To ask after each test whether another file stands behind it would be most of the work.
        """
        if not self._has_settled:
            self._has_settled = True
            self._settled = set(self.look())
            self._marks = {}

    def _has_moved(self) -> bool:
        """Whether there are more or less of them, or one that is not settled has another file behind it.

        A thread that waits for a connection has taken a number already, which counts and leads nowhere.
        """
        try:
            count = os.stat(_FOLDER).st_size  # noqa: PTH116  - since Linux 6.2 how many there are, before that 0
        except OSError:
            return True
        before, self._count = self._count, count
        if count != before or count != len(self._targets):
            return True
        for number, mark in self._marks.items():  # noqa: SIM110  - a generator takes as long as one question
            if _mark(number) != mark:
                return True
        return False


def target_of(number: int) -> str:
    """What one leads to; empty where it is closed."""
    try:
        return os.readlink(f"{_FOLDER}/{number}")  # noqa: PTH115  - after each test
    except OSError:
        return ""


def _mark(number: int) -> Mark:
    try:
        about = os.fstat(number)
    except OSError:
        return (-1, -1)
    return about.st_ino, about.st_dev


def _targets() -> list[tuple[int, str]]:
    """All that are open, but for the one through which they are listed."""
    try:
        numbers = [int(name) for name in os.listdir(_FOLDER)]  # noqa: PTH208  - as above
    except OSError:
        return []
    return [(number, target) for number in numbers if (target := target_of(number))]


class Libuv:
    """The library below uvloop keeps one pipe for the process, from its first loop on."""

    def __init__(self) -> None:
        self._pipe = ""

    def keeps(self, target: str) -> bool:
        """Whether it is that pipe; the first one that is seen once the library is there."""
        if not target.startswith("pipe:") or "uvloop" not in sys.modules:
            return False
        self._pipe = self._pipe or target
        return target == self._pipe
