"""Which descriptors of this process are open, and what each leads to; asked in detail only where something has moved."""

import os

_FOLDER = "/proc/self/fd"

Mark = tuple[int, int]
"""Tells one file from another without asking for its name, which may change while it is open."""


class Descriptors:
    """What was open when somebody looked last."""

    def __init__(self) -> None:
        self._targets: dict[int, str] = {}
        self._marks: list[Mark] = []

    def look(self) -> dict[int, str]:
        """What is open now, by number, as the system spells it: `/tmp/a.txt`, `socket:[4711]`.

        The same object as before where nothing has changed; empty where the system does not say.
        """
        if self._has_moved():
            known = dict(zip(self._targets, self._marks, strict=False))
            self._targets = {
                number: self._targets[number] if known.get(number) == _mark(number) else target
                for number, target in _targets()
            }
            self._marks = self._marked()
        return self._targets

    def _has_moved(self) -> bool:
        """Whether there are more or less of them, or one has another file behind it; in doubt, yes.

        A thread that waits for a connection has taken a number already, which counts and leads nowhere.
        """
        try:
            count = os.stat(_FOLDER).st_size  # noqa: PTH116  - since Linux 6.2 how many there are, before that 0
        except OSError:
            return True
        return count != len(self._targets) or self._marked() != self._marks

    def _marked(self) -> list[Mark]:
        return [_mark(number) for number in self._targets]


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
