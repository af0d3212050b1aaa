"""Integration points as a run met them."""

from collections import defaultdict
from dataclasses import replace

from greenroom.detect.observed.seen_run import SeenRun
from greenroom.detect.observed.seen_test import SeenTest
from greenroom.model.evidence import Crossing
from greenroom.model.integration_point import IntegrationPoint

_SAME = {"psycopg2-binary": "psycopg2", "redis-py": "redis", "httpcore": "httpx", "sqlmodel": "sqlalchemy",
         "botocore": "boto3", "aiobotocore": "aioboto3", "flask-sqlalchemy": "sqlalchemy",
         "psycopg-pool": "psycopg"}  # fmt: skip


class SeenPoints:
    """Joins crossings with the integration points that were read."""

    def __init__(self, seen: SeenRun) -> None:
        self._seen = seen
        self._at_line: dict[tuple[str, int], list[IntegrationPoint]] = defaultdict(list)
        self._in_function: dict[tuple[str, str], list[IntegrationPoint]] = defaultdict(list)
        for point in seen.project.integration_points:
            for site in point.sites:
                self._at_line[site.path, site.line].append(point)
                self._in_function[site.path, site.symbol].append(point)
        self._met: dict[tuple[str, str], list[tuple[SeenTest, Crossing]]] = defaultdict(list)
        for test in seen.tests.values():
            # Of a mock in the place of a client, the place is where it was put.
            doubled = (each for each in seen.of_client(test) if each.double)
            for crossing in (*seen.of_product(test), *doubled):
                met = self.of(crossing)
                if met is not None:
                    self._met[met.kind, met.name].append((test, crossing))

    def of(self, crossing: Crossing) -> IntegrationPoint | None:
        """The point that production crosses here; None where it cannot be told."""
        place = crossing.place
        if place is None:
            return None
        library = _distribution(crossing.library)
        for listed in (
            self._at_line.get((place.path, place.line), []),
            self._in_function.get((place.path, place.symbol), []),
            self._seen.project.integration_points,
        ):
            found = [point for point in listed if _distribution(point.library) == library]
            found = [point for point in found if point.kind == crossing.kind] or found
            if len({point.name for point in found}) == 1:
                return found[0]
        return None

    def meetings(self, point: IntegrationPoint) -> list[tuple[SeenTest, Crossing]]:
        """The crossings of a point's sites, each with the test that made it."""
        return self._met.get((point.kind, point.name), [])

    def merged(self) -> tuple[IntegrationPoint, ...]:
        """All points; of the tests whose every step the run saw, it is the run that speaks."""
        return tuple(self._merged(point) for point in self._seen.project.integration_points)

    def _merged(self, point: IntegrationPoint) -> IntegrationPoint:
        met = self.meetings(point)
        real = [test.id for test, each in met if each.real and not each.failure]
        doubled = [test.id for test, each in met if not each.real and test.id not in real]
        failed = [test.id for test, each in met if each.failure]
        idle = {name for name, test in self._seen.tests.items() if not test.ran}
        hidden = self._seen.out_of_sight
        return replace(
            point,
            tests_real=_joined(real, [name for name in point.tests_real if name in hidden - idle]),
            tests_doubled=_joined(
                doubled, [name for name in point.tests_doubled if name not in {*real, *idle}]
            ),
            # A double may fail where the run has no eyes: an answer with an error, a wrapper that raises.
            failures_provoked=_joined(failed, [name for name in point.failures_provoked if name not in idle]),
            observed=bool(met),
        )


def _joined(observed: list[str], read: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*observed, *read]))


def _distribution(library: str) -> str:
    name = library.lower().replace("_", "-")
    return _SAME.get(name, name)
