"""The recorder's loop watch and leak sensors around the tests of one job."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from greenroom.model.evidence import BlockingCall, Stall
from greenroom.model.place import Place
from greenroom.record.leaks import LeakSensor
from greenroom.record.project_code import ProjectCode
from greenroom.record.sensor import Part, RunningTest, Sensor
from greenroom.record.stalls import StallSensor

STALLS, CALLS, LEAKS = "stalls", "blocking calls", "leaks"
"""The sensors."""
_MOST = 20
"""Reports of one test; one is enough to notice."""


class Sensing:
    """A plugin of pytest, and the `Scene` of its sensors."""

    is_child = False

    def __init__(self, code: ProjectCode, folder: str) -> None:
        self.code = code
        self.folder = folder
        self.test: RunningTest | None = None
        self._sensors: list[Sensor] = [LeakSensor(), StallSensor()]
        self._found: dict[str, list[dict[str, Any]]] = {}
        for sensor in self._sensors:
            sensor.install(self)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Watch a test with its set-up and tear-down."""
        test = self.test = RunningTest(id=item.nodeid, function=getattr(item, "function", None))
        for sensor in self._sensors:
            sensor.begin(test)
        yield
        for sensor in reversed(self._sensors):
            self.late(test, sensor.end(test))
        self.test = None

    def finish(self) -> dict[str, list[dict[str, Any]]]:
        """What was reported, by test; nothing is watched any more."""
        for sensor in reversed(self._sensors):
            sensor.uninstall()
        return self._found

    def late(self, test: RunningTest, part: Part) -> None:
        """What a sensor says of a test, also of one that has ended already."""
        reports = [
            *map(_stall, part.get("stalls", ())),
            *map(_blocking, part.get("blocking", ())),
            *map(_leak, part.get("leaks", ())),
        ]
        if reports:
            known = self._found.setdefault(test.id, [])
            known += reports[: _MOST - len(known)]

    def seen(self) -> None:
        """There is something new: it is told at the end."""

    def note(self, text: str) -> None:
        """A sensor that fails reports nothing."""


def _stall(stall: Stall) -> dict[str, Any]:
    what = f" in `{stall.call}`" if stall.call else ""
    return _report(STALLS, f"the event loop stood still{what}", stall.place)


def _blocking(call: BlockingCall) -> dict[str, Any]:
    return _report(CALLS, f"`{call.call}` waits on the event loop", call.place)


def _leak(leak: Mapping[str, Any]) -> dict[str, Any]:
    return _report(LEAKS, f"a {leak['kind']} is left behind ({leak['name']})", leak["place"])


def _report(sensor: str, text: str, place: Place | None) -> dict[str, Any]:
    where = f"{place.path}:{place.line}" if place is not None else ""
    return {"sensor": sensor, "text": text, "where": where}
