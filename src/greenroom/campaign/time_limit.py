"""How long a campaign may take, and what happens when that is over."""

import time
from dataclasses import dataclass
from typing import Self

_LAST, _LONGEST = 0.1, 30.0
"""The last part of the time in which nothing more is begun, as a share and in seconds at most: what is under way may come to its end."""


class OutOfTimeError(Exception):
    """The time is up: what was under way was given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """Of some work; both are times of `time.monotonic`."""

    last: float
    """Nothing is begun later."""
    end: float
    """What is under way then is given up."""

    @classmethod
    def of(cls, seconds: float) -> Self:
        """The limit of work that begins now and may take so many seconds."""
        now = time.monotonic()
        return cls(last=now + seconds - min(_LONGEST, _LAST * seconds), end=now + seconds)
