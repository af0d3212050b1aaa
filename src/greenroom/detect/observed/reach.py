"""Which functions of production code the tests of a run have been in."""

from collections.abc import Iterator

from greenroom.detect.observed.seen_run import SeenRun
from greenroom.model.evidence import TestEvidence
from greenroom.model.lines import read_lines
from greenroom.model.place import Place
from greenroom.project.code.module import Scope


class SeenReach:
    """By lines where they were measured; else by what left a trace, which is less than all."""

    def __init__(self, seen: SeenRun) -> None:
        self._seen = seen
        self.is_exact = seen.has_lines
        """Whether what is not here was not reached."""
        self._traced = frozenset(
            (place.path, place.symbol)
            for test in seen.tests.values()
            for part in test.parts
            for place in _traces(part)
            if seen.is_production(place)
        )
        self._lines = self._all_lines()

    def has(self, scope: Scope) -> bool:
        """Whether some test has been in a function."""
        if scope.path in self._seen.changed:
            return False
        if (scope.path, scope.qualname) in self._traced:
            return True
        lines = self._lines.get(scope.path)
        return lines is not None and any(scope.line < line <= scope.end_line for line in lines)

    def _all_lines(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for test in self._seen.tests.values():
            for part in test.parts:
                for each in part.lines:
                    found.setdefault(each.path, set()).update(read_lines(each.lines))
        return found


def _traces(part: TestEvidence) -> Iterator[Place]:
    yield from (each.place for each in part.handled)
    places = (*(each.place for each in part.crossings), *(each.place for each in part.exchanges))
    yield from (place for place in places if place is not None)
    for stall in part.stalls:
        yield from stall.chain
    yield from (each.place for each in part.blocking)
