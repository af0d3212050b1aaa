"""Which failures are left out where a pull request has too many."""

import hashlib
from collections import Counter
from collections.abc import Sequence

from greenroom.model.mutant import Mutant

PER_LINE, PER_FILE = 2, 20
"""Nobody reads more."""


def drawn(mutant: Mutant) -> bytes:
    """A place in an order that is random, and the same each time."""
    return hashlib.sha256(mutant.key.encode()).digest()


def capped(mutants: Sequence[Mutant]) -> list[Mutant]:
    """The heaviest of each line and file, in their order."""
    lines: Counter[tuple[str, int]] = Counter()
    files: Counter[str] = Counter()
    kept = set()
    for mutant in sorted(mutants, key=lambda each: (-each.weight, drawn(each))):
        place = mutant.place
        if lines[place.path, place.line] < PER_LINE and files[place.path] < PER_FILE:
            lines[place.path, place.line] += 1
            files[place.path] += 1
            kept.add(mutant.key)
    return [mutant for mutant in mutants if mutant.key in kept]
