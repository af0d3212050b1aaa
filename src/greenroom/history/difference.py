"""Where two versions of a text part, told without a look at their lines: most edits change one place."""

from typing import NamedTuple


class Middle(NamedTuple):
    """What is between the lines that two texts have in common at their beginnings and at their ends."""

    start: int
    """Where it begins in both."""
    before: str
    after: str


def middle(before: str, after: str) -> Middle:
    """The whole lines that the common beginning and the common end leave."""
    most = min(len(before), len(after))
    start = before.rfind("\n", 0, _common(before, after, most)) + 1
    same = _common_end(before, after, most - start)
    # The line break before an end is not known to be common; the first one in it is.
    first = before.find("\n", len(before) - same) + 1 if same else 0
    end = len(before) - first if first else 0
    return Middle(start, before[start : len(before) - end], after[start : len(after) - end])


def _common(one: str, other: str, most: int) -> int:
    """How many characters two texts begin with alike, of at most so many."""
    low, high = 0, most
    while low < high:
        half = (low + high + 1) // 2
        if one[low:half] == other[low:half]:
            low = half
        else:
            high = half - 1
    return low


def _common_end(one: str, other: str, most: int) -> int:
    low, high = 0, most
    while low < high:
        half = (low + high + 1) // 2
        if one[len(one) - half : len(one) - low] == other[len(other) - half : len(other) - low]:
            low = half
        else:
            high = half - 1
    return low
