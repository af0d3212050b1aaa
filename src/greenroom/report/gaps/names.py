"""The first few of many names, as code."""

from collections.abc import Sequence
from typing import Final

from greenroom.report.text import joined, one_line

_MOST: Final = 3


def named(names: Sequence[str], most: int = _MOST) -> str:
    """`a`, `b`, `c` and 4 more, each name between backticks."""
    different = list(dict.fromkeys(names))
    told = [f"`{one_line(name).replace('`', '')}`" for name in different[:most]]
    more = len(different) - len(told)
    return joined([*told, *([f"{more:,} more"] if more else [])]) if told else ""
