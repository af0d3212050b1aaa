"""Which later tests met what a test had left: told from the evidence of all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from greenroom.model.evidence import TestEvidence

_MOST = 20
"""Tests that are named for one thing."""
_Thing = tuple[str, str]


def with_later_tests(tests: Sequence[TestEvidence]) -> tuple[TestEvidence, ...]:
    """The same tests, in the order in which they began, with the ids of those that met what they left.

    What is left of a process is met in the same process; a test that changes a thing again meets it, and
    from then on it is that test which has left it.
    """
    standing: dict[str, dict[_Thing, int]] = {}
    met: dict[tuple[int, _Thing], list[str]] = {}
    for number, test in enumerate(tests):
        left_here = standing.setdefault(test.worker, {})
        for thing in dict.fromkeys(_met_by(test)):
            before = left_here.get(thing)
            if before is not None and tests[before].id != test.id:
                met.setdefault((before, thing), []).append(test.id)
        left_here.update({(each.kind, each.name): number for each in test.left})
    return tuple(
        replace(
            test,
            left=tuple(
                replace(each, met_by=tuple(met.get((number, (each.kind, each.name)), ())[:_MOST]))
                for each in test.left
            ),
        )
        if test.left
        else test
        for number, test in enumerate(tests)
    )


def _met_by(test: TestEvidence) -> Iterator[_Thing]:
    yield from (("variable", name) for name in test.variables)
    yield from (("cache", name) for name in test.met)
    yield from (("file", crossing.peer) for crossing in test.crossings if crossing.kind == "file")
    yield from ((each.kind, each.name) for each in test.left)
