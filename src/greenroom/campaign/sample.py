"""Which mutants come first where there is no time for all."""

import hashlib
from collections.abc import Iterable

from greenroom.campaign.caps import drawn
from greenroom.campaign.subject import Subject
from greenroom.model.mutant import Mutant


def spread(subjects: Iterable[Subject]) -> list[Subject]:
    """An order of which each beginning is a random sample that holds its share of every failure mode and file.

    Proportional stratified sampling: the rate of a beginning is an unbiased guess at the rate of all, and a closer one
    than a plain random sample gives.
    """
    strata: dict[tuple[str, str], list[Subject]] = {}
    for subject in sorted(subjects, key=lambda each: drawn(each.mutant)):
        strata.setdefault((subject.mutant.code, subject.mutant.place.path), []).append(subject)
    placed = [
        ((number + _between(members[0].mutant)) / len(members), position, subject)
        for position, members in enumerate(strata.values())
        for number, subject in enumerate(members)
    ]
    return [subject for _, _, subject in sorted(placed, key=lambda each: each[:2])]


def _between(mutant: Mutant) -> float:
    """From 0 to 1, at random."""
    return int.from_bytes(hashlib.sha256(f"stratum {mutant.key}".encode()).digest()[:6]) / 2**48
