"""Over which interface a test truly met the product: docs/record.md has the rules, in this order."""

import re
from collections.abc import Iterator
from dataclasses import replace

from greenroom.detect.observed.routes import SeenRoutes
from greenroom.detect.observed.seen_lines import SeenLines
from greenroom.detect.observed.seen_run import SeenRun
from greenroom.detect.observed.seen_test import SeenTest
from greenroom.model.evidence import Crossing, Exchange
from greenroom.model.place import Place
from greenroom.model.test_case import Interface, TestCase
from greenroom.project.testing import touches
from greenroom.project.testing.interfaces import Interfaces
from greenroom.project.testing.items import Item

_CLIENTS = frozenset({"http", "llm", "mail", "socket"})
"""Kinds over which a test's own client comes in as a user does."""
_WIRES = frozenset({"socket", "asyncio", "ssl"})
"""Plain connections: as often a look whether a port is free."""
_STORES = frozenset({"cache", "database", "object-store", "queue", "search", "vector-store"})
_IN_THE_PROCESS = frozenset({"sqlite3", "aiosqlite"})
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?|uvicorn|gunicorn|hypercorn|daphne|flask|django-admin")
_SENSORS = ("crossings", "exchanges")
_Label = tuple[Interface, str, Place | None]
"""The label, what decides it, and where."""


class Labels:
    """Labels the tests of a run."""

    def __init__(self, seen: SeenRun, routes: SeenRoutes) -> None:
        self._seen = seen
        self._routes = routes
        self._interfaces: Interfaces = seen.project.suite.interfaces
        self._programs = frozenset(seen.project.manifest.scripts)
        self._is_told = all(map(seen.has_sensor, _SENSORS))
        self._lines = SeenLines(seen)
        self._is_on_sqlite = _is_on_sqlite(seen)
        self._answers_in_process = any(
            each.interface is Interface.IN_PROCESS
            for test in seen.tests.values()
            for each in seen.answered(test)
        )

    def of(self, case: TestCase, item: Item) -> TestCase:
        """The test with the label that the run gives it; as it was read where the run says nothing."""
        test = self._seen.of(case)
        if test is None:
            return case
        case = _as_run(case, test)
        found = self._label(case, item, test) if self._is_told and test.ran else None
        if found is None:
            return case
        interface, reason, place = found
        return replace(
            case,
            interface=interface,
            reasons=(*_without_label(case), f"observed: {reason}"),
            evidence=(place,) if place is not None else (),
            observed=True,
        )

    def _label(self, case: TestCase, item: Item, test: SeenTest) -> _Label | None:
        """None where the run says nothing that decides."""
        over = self._over_an_interface(test) or self._on_a_store(test)
        if over is not None:
            return over
        if any(each.interface is not Interface.DIRECT for each in self._seen.answered(test)):
            return (
                None  # by whom, the run could not see: the product behind a wrapper, or a server of the tests
            )
        read = self._read_without_what_is_refuted(case, item, test)
        if read in (Interface.REAL, Interface.IN_PROCESS):
            return None
        found = self._inside(read, test)
        if found is None and read is not case.interface:
            return read, f"nothing was crossed of what reads as {case.interface}", None
        return found

    def _on_a_store(self, test: SeenTest) -> _Label | None:
        store = next(self._stores(test), None)
        if store is None:
            return None
        return Interface.REAL, f"production code worked on {_named(store)}", store.place

    def _over_an_interface(self, test: SeenTest) -> _Label | None:
        answered = [each for each in self._seen.answered(test) if self._routes.is_of_product(each)]
        real = next((each for each in answered if each.interface is Interface.REAL), None)
        if real is not None:
            return Interface.REAL, f"a server answered {_spelled(real)}", real.place
        client = next(self._clients(test), None)
        if client is not None:
            return Interface.REAL, f"its own client crossed {_named(client)}", client.place
        inside = next((each for each in answered if each.interface is Interface.IN_PROCESS), None)
        if inside is not None:
            reason = f"the application answered {_spelled(inside)} in the same process"
            return Interface.IN_PROCESS, reason, inside.place
        return None

    def _clients(self, test: SeenTest) -> Iterator[Crossing]:
        for each in self._seen.of_client(test):
            if not each.real or each.failure:
                continue
            if each.kind in _CLIENTS and each.library not in _WIRES:
                yield each
            if each.kind == "process" and (_PYTHON.fullmatch(each.peer) or each.peer in self._programs):
                yield each

    def _stores(self, test: SeenTest) -> Iterator[Crossing]:
        for each in self._seen.of_product(test):
            if each.real and not each.failure and each.kind in _STORES and not _is_sqlite(each):
                yield each

    def _read_without_what_is_refuted(self, case: TestCase, item: Item, test: SeenTest) -> Interface:
        """What reading says once the interfaces are left out over which nothing came."""
        if not test.passed or any(each.real and not _is_inside(each) for each in test.crossings()):
            return case.interface
        refuted = {touches.HTTP, touches.SOCKET}
        if self._is_on_sqlite:
            refuted.add(touches.DATABASE)
        if self._answers_in_process and not any(True for _ in test.exchanges()):
            refuted.add(touches.IN_PROCESS)
        return self._interfaces.judge(item, without=frozenset(refuted)).interface

    def _inside(self, read: Interface, test: SeenTest) -> _Label | None:
        product = [each for each in self._seen.of_product(test) if each.kind != "file"]
        doubled = next((each for each in product if each.double), None)
        if doubled is not None and not any(each.real for each in product):
            return (
                Interface.MOCKED,
                f"{doubled.double} stood in the place of {doubled.library}",
                doubled.place,
            )
        if read is Interface.MOCKED and not any(each.real for each in product):
            return self._replaced(test)
        if self._seen.has_lines:
            been = self._lines.first(test)
            if been is not None:
                return Interface.DIRECT, "it ran production code, and came in over no interface", been
            # A model that is declared and has no function of its own is production code all the same.
            return (read, "it ran no function of production code", None) if read is Interface.SELF else None
        place = next(self._signs(test), None)
        if place is not None or any(each.interface is Interface.DIRECT for each in test.exchanges()):
            return Interface.DIRECT, "it reached production code, and came in over no interface", place
        return None

    def _replaced(self, test: SeenTest) -> _Label | None:
        replaced = next(
            (each for part in test.parts for each in part.replacements if "Mock" in each.double), None
        )
        if replaced is None:
            return None
        return Interface.MOCKED, f"{replaced.double} stood in the place of {replaced.target}", replaced.place

    def _signs(self, test: SeenTest) -> Iterator[Place]:
        """Places in production code where the test has been."""
        for part in test.parts:
            handled = (each.place for each in part.handled)
            crossed = (each.place for each in part.crossings if each.place is not None)
            for place in (*crossed, *handled):
                if self._seen.is_production(place):
                    yield place


def _is_on_sqlite(seen: SeenRun) -> bool:
    """Whether the databases of this run were files of their own process, all of them."""
    databases = [
        each
        for test in seen.tests.values()
        for each in test.crossings()
        if each.kind == "database" and each.real
    ]
    return bool(databases) and all(map(_is_sqlite, databases))


def _is_sqlite(crossing: Crossing) -> bool:
    return crossing.peer.startswith("sqlite") or crossing.library in _IN_THE_PROCESS


def _is_inside(crossing: Crossing) -> bool:
    """Whether it leads to nothing that runs beside the test: a file, or SQLite."""
    return crossing.kind == "file" or _is_sqlite(crossing)


def _as_run(case: TestCase, test: SeenTest) -> TestCase:
    """What a run contains is collected; what it executed runs."""
    why = [f"observed: skipped: {part.skip.reason}" for part in test.parts if part.skip is not None]
    why += ["observed: its coroutine was never awaited"] if test.was_left else []
    reasons = case.reasons if test.ran else tuple(dict.fromkeys((*case.reasons, *why)))
    return replace(case, collected=True, runs=test.ran, reasons=reasons)


def _without_label(case: TestCase) -> tuple[str, ...]:
    """The reasons without the last, which explains the label that was read."""
    return case.reasons[:-1]


def _spelled(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.route or '(no route)'}"


def _named(crossing: Crossing) -> str:
    peer = f" at {crossing.peer}" if crossing.peer else ""
    return f"{crossing.library}{peer}"
