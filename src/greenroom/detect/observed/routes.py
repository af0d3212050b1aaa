"""Which routes of the product the tests of a run reached."""

import re
from collections import defaultdict
from collections.abc import Iterator

from greenroom.detect.observed.seen_run import SeenRun
from greenroom.model.evidence import Exchange
from greenroom.model.route import Route
from greenroom.model.test_case import Interface

_PARAMETER = re.compile(r"\{[^}]*\}|<[^>]*>|\([^)]*\)|:\w+")
_ANY = "*"


class SeenRoutes:
    """Joins exchanges with the routes that were read."""

    def __init__(self, seen: SeenRun) -> None:
        self._seen = seen
        self._by_path: dict[str, list[Route]] = defaultdict(list)
        self._by_place: dict[tuple[str, str], list[Route]] = defaultdict(list)
        for route in seen.project.routes:
            if route.file not in seen.changed:
                self._by_path[_plain(route.path)].append(route)
                self._by_place[route.file, route.symbol].append(route)
        self.answers = self._all_answers()
        """What came back from each route that was reached over an interface."""
        self.are_seen = seen.has_sensor("exchanges") and bool(self.answers)
        """Whether the run has eyes for the framework of these routes at all."""

    def is_of_product(self, exchange: Exchange) -> bool:
        """Whether the product answered, and no server that the tests define themselves."""
        if exchange.interface is Interface.DIRECT:
            return False
        return self._seen.is_production(exchange.place) or bool(self.of(exchange))

    def of(self, exchange: Exchange) -> list[Route]:
        """The routes that this may have been: several where two applications serve the same path."""
        place = exchange.place
        at_place = self._by_place.get((place.path, place.symbol), []) if place is not None else []
        listed = at_place or self._by_path.get(_plain(exchange.route), [])
        found = [route for route in listed if _serves(route, exchange.method)]
        exact = [route for route in found if _plain(route.path) == _plain(exchange.route)]
        return exact or (found if len(found) == 1 else [])

    def _all_answers(self) -> dict[Route, list[Exchange]]:
        found: dict[Route, list[Exchange]] = defaultdict(list)
        for exchange in self._exchanges():
            for route in self.of(exchange):
                found[route].append(exchange)
        return dict(found)

    def _exchanges(self) -> Iterator[Exchange]:
        for test in self._seen.tests.values():
            for each in self._seen.answered(test):
                if each.interface is not Interface.DIRECT and each.route:
                    yield each


def _serves(route: Route, method: str) -> bool:
    return route.method in (_ANY, method) or (route.method == "GET" and method == "HEAD")


def _plain(path: str) -> str:
    """The path without the names of its parameters and the slash at its end."""
    return "/" + _PARAMETER.sub("{}", path).strip("/")
