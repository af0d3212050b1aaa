"""Joins the latest campaign with findings and score: what was seeded where, and noticed by nobody."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from greenroom.model.finding import Finding
from greenroom.model.mode import Family
from greenroom.model.noticed import Noticed
from greenroom.model.score import Fact


def with_escapes(findings: Iterable[Finding], noticed: Noticed | None) -> tuple[Finding, ...]:
    """The findings; those on whose very lines a failure escaped say so. Of files that have changed nothing is said."""
    if noticed is None:
        return tuple(findings)
    at: dict[tuple[str, int], list[str]] = defaultdict(list)
    for escape in noticed.escapes:
        if escape.path not in noticed.changed:
            at[escape.path, escape.line].append(f"{escape.operator} {escape.name}")
    return tuple(_with_escapes(finding, at) for finding in findings)


def _with_escapes(finding: Finding, at: Mapping[tuple[str, int], list[str]]) -> Finding:
    place = finding.place
    lines = [(place.path, line) for line in range(place.line, max(finding.end_line, place.line) + 1)]
    lines += [(site.path, site.line) for site in finding.sites]
    found = dict.fromkeys(escape for line in lines for escape in at.get(line, ()))
    return replace(finding, escapes=tuple(found)) if found else finding


def noticed_facts(noticed: Noticed | None) -> dict[Family, tuple[int, int]]:
    """By family, how many seeded failures the tests noticed, of how many; where that is of this tree, and enough to tell."""
    if noticed is None or not noticed.is_of_this_tree:
        return {}
    return {
        each.family: (each.rate.of - each.rate.count, each.rate.of)
        for each in noticed.families
        if each.rate.is_enough
    }


def as_fact(noticed: tuple[int, int], others: Iterable[Fact]) -> Fact:
    """A fact that weighs as much as all others of its family together: a claim never outranks a measurement."""
    achieved, total = noticed
    return Fact(
        name="seeded failures that a test noticed",
        achieved=achieved,
        total=total,
        weight=sum(fact.weight for fact in others),
        explanation="failures that `greenroom prove` seeded on lines that tests run, and that some test noticed",
        proven=True,
    )
