"""A share of a sample, with what the sample leaves open."""

from dataclasses import dataclass
from math import sqrt

_NORMAL = 1.959964
"""The quantile of the normal distribution that leaves 2.5 % at each end."""
ENOUGH = 10
"""Of fewer, no share is worth telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many of so many."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """From 0 to 1; 0 of nothing."""
        return self.count / self.of if self.of else 0.0

    @property
    def is_enough(self) -> bool:
        """Whether the sample is large enough to tell."""
        return self.of >= ENOUGH

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % score interval (Wilson 1927), from 0 to 1."""
        if not self.of:
            return 0.0, 1.0
        square = _NORMAL**2
        middle = (self.share + square / (2 * self.of)) / (1 + square / self.of)
        half = _NORMAL * sqrt(self.share * (1 - self.share) / self.of + square / (4 * self.of**2))
        half /= 1 + square / self.of
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.share:.1%}, {low * 100:.1f}–{high:.1%}".replace("%", " %")  # noqa: RUF001  - a range
