"""Tests that can be deleted without losing evidence."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping

from greenroom.detect.observed.seen_run import SeenRun
from greenroom.detect.observed.seen_test import SeenTest
from greenroom.model.lines import read_branches, read_lines
from greenroom.model.test_case import Interface, TestCase

_STRENGTH = [Interface.SELF, Interface.MOCKED, Interface.DIRECT, Interface.IN_PROCESS, Interface.REAL]
_HUNDRED = 100


def redundant_tests(seen: SeenRun, cases: Mapping[str, TestCase]) -> tuple[str, ...] | None:
    """Ids of tests that can go, all of them together; None where the run has no lines.

    Whoever goes leaves nothing behind that no remaining test shows: no line, branch, `except` branch, answer of a
    route, crossing. What comes in over the weakest interface goes first, and of these who shows least. A test that
    did not pass, or of which a part ran where the run could not look, stays.
    """
    if not seen.has_lines:
        return None
    shown = {test.id: frozenset(_shown(seen, test)) for test in seen.tests.values()}
    times = Counter(item for items in shown.values() for item in items)
    gone = []
    for name in sorted(
        shown, key=lambda name: (_STRENGTH.index(cases[name].interface), len(shown[name]), name)
    ):
        test, items = seen.tests[name], shown[name]
        if not test.passed or name in seen.out_of_sight or not any(part.lines for part in test.parts):
            continue
        if all(times[item] > 1 for item in items):
            gone.append(name)
            times.subtract(items)
    return tuple(sorted(gone))


def _shown(seen: SeenRun, test: SeenTest) -> Iterator[Hashable]:
    for part in test.parts:
        for file in part.lines:
            if not seen.is_production_file(file.path):
                continue
            yield from (("line", file.path, line) for line in read_lines(file.lines))
            yield from (("branch", file.path, branch) for branch in read_branches(file.branches))
        yield from (("except", each.place.path, each.place.line, each.exception) for each in part.handled)
        for each in part.exchanges:
            yield ("exchange", each.method, each.route, each.interface, each.status // _HUNDRED, each.failure)
        for crossing in part.crossings:
            yield ("crossing", crossing.library, crossing.real, crossing.failure, crossing.place)
