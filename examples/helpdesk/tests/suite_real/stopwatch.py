"""How long something takes."""

import time
from collections.abc import Callable

BUDGET = 0.35
"""Seconds; longer, and a person feels it."""


def fastest(act: Callable[[], object], tries: int = 10) -> float:
    """Seconds that it takes at its best: a busy machine does not count."""
    best = float("inf")
    for _ in range(tries):
        began = time.monotonic()
        act()
        best = min(best, time.monotonic() - began)
        if best < BUDGET / 2:
            break
    return best
