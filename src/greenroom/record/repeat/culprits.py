"""Which test before it makes a test fail, or makes it pass: by halving what came before.

The words are those of Shi, Lam, Oei, Xie, Marinov, *iFixFlakies* (ESEC/FSE 2019): a *victim* passes alone and
fails after its *polluter*; a *brittle* test fails alone and passes after its *state-setter*.
"""

from collections.abc import Callable, Sequence

_MOST_RUNS = 24


def find_culprit(before: Sequence[str], shows: Callable[[Sequence[str]], bool]) -> str:
    """The one test of these after which another shows what it does not show alone.

    Args:
        before: In the order in which they ran.
        shows: Runs these and then the other.

    Returns:
        Empty where it takes more than one, or where the runs do not agree.
    """
    left, runs = list(before), 0
    while len(left) > 1 and runs < _MOST_RUNS:
        half = left[len(left) // 2 :]
        runs += 1
        if shows(half):
            left = half
            continue
        runs += 1
        left = left[: len(left) // 2]
        if not shows(left):
            return ""
    return left[0] if len(left) == 1 and shows(left) and shows(left) else ""
