"""One process that is recorded: drives the sensors around each test and writes the journal."""

import os
import sys
import time
import traceback
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from greenroom.record.imported_elsewhere import told_elsewhere
from greenroom.record.journal import Journal
from greenroom.record.project_code import ProjectCode
from greenroom.record.sensor import Part, RunningTest, Sensor

SENSORS: tuple[str, ...] = (
    "remains:RemainsSensor",
    "never_awaited:NeverAwaitedSensor",
    "replacements:ReplacementSensor",
    "assertions:AssertionSensor",
    "crossings:CrossingSensor",
    "exchanges:ExchangeSensor",
    "handled:HandledSensor",
    "variables:VariableSensor",
    "leaks:LeakSensor",
    "children:ChildrenSensor",
    "stalls:StallSensor",
)
"""`module:Class` below `greenroom.record`, in the order in which they begin; they end the other way round."""

ON_REQUEST: Mapping[str, str] = MappingProxyType({"coverage": "lines:LineSensor"})
"""Sensors that cost more than the others, by their name."""

IN_CHILDREN: frozenset[str] = frozenset(
    {
        "children:ChildrenSensor",
        "crossings:CrossingSensor",
        "exchanges:ExchangeSensor",
        "handled:HandledSensor",
        "stalls:StallSensor",
        "variables:VariableSensor",
    }
)
"""Those of them that also work in processes which the tests start; nothing else is imported there."""

_SOON = 0.2
"""Seconds between two lines of a child process."""


class Session:
    """The recording of one process; the `Scene` of its sensors."""

    def __init__(
        self, journal: Journal, code: ProjectCode, *, worker: str = "", is_child: bool = False
    ) -> None:
        self.journal = journal
        self.code = code
        self.folder = journal.folder
        self.worker = worker
        self.is_child = is_child
        self.test: RunningTest | None = None
        self._sensors: list[Sensor] = []
        self._clock = time.time
        self._seen: dict[str, int] = {}
        self._is_open = True
        self._written = 0.0

    def install(self, without: Iterable[str] = (), also: Iterable[str] = ()) -> None:
        """Install the sensors, except those of these names, and those on request that are named."""
        left_out = set(without)
        os.register_at_fork(after_in_child=self._forked)
        for spelled in SENSORS:
            if not self.is_child or spelled in IN_CHILDREN:
                self._install(spelled, left_out)
        for name in also:
            if name in ON_REQUEST and not self.is_child:
                self._install(ON_REQUEST[name], left_out)

    def _install(self, spelled: str, left_out: set[str]) -> None:
        module, _, kind = spelled.partition(":")
        try:
            sensor: Sensor = getattr(import_module(f"greenroom.record.{module}"), kind)()
        except Exception as error:  # noqa: BLE001  - a recorder never stands in the way of the tests
            self.note(f"sensor {module} is off: {told(error)}")
            return
        if sensor.name in left_out:
            return
        self._sensors.append(sensor)
        try:
            sensor.install(self)
        except Exception as error:  # noqa: BLE001
            self._switch_off(sensor, error)

    def open(self, **about: Any) -> None:
        """Say in the journal who writes."""
        names = [sensor.name for sensor in self._sensors]
        about |= {"worker": self.worker, "child": self.is_child, "started": self._clock(), "sensors": names}
        self.journal.write("process", about)

    def begin(self, test: RunningTest) -> None:
        """A test is about to be set up."""
        test.repeat = self._seen.get(test.id, -1) + 1
        self._seen[test.id] = test.repeat
        if not self.is_child:
            self.journal.write("begin", {"id": test.id, "repeat": test.repeat, "started": self._clock()})
        self.test = test
        for sensor in tuple(self._sensors):
            try:
                sensor.begin(test)
            except Exception as error:  # noqa: BLE001
                self._switch_off(sensor, error)

    def end(self, known: Part, *, is_followed: bool = False) -> None:
        """The test has been torn down.

        Args:
            known: What its runner says of it.
            is_followed: Another one begins at once, and both are written together.
        """
        test = self.test
        if test is None:
            return
        evidence: dict[str, Any] = {"id": test.id, "repeat": test.repeat, "worker": self.worker, **known}
        for sensor in tuple(reversed(self._sensors)):
            try:
                part = sensor.end(test)
                if part:
                    join(evidence, part)
            except Exception as error:  # noqa: BLE001
                join(evidence, {"notes": (self._switch_off(sensor, error),)})
        self.test = None
        write = self.journal.hold if is_followed else self.journal.write
        write(
            "child" if self.is_child else "test", {name: value for name, value in evidence.items() if value}
        )

    def withdraw(self) -> None:
        """Undo everything, and say no more."""
        for sensor in reversed(self._sensors):
            try:
                sensor.uninstall()
            except Exception as error:  # noqa: BLE001
                self.note(f"sensor {sensor.name} could not be taken out: {told(error)}")
        self._sensors = []
        self._is_open = False

    def finish(self, **about: Any) -> None:
        """Undo everything, and write the last line."""
        self.withdraw()
        elsewhere = "" if self.is_child else self._told_elsewhere()
        if elsewhere:
            self.note(elsewhere)
        self.journal.write("end", {"ended": self._clock(), **about})

    def _told_elsewhere(self) -> str:
        try:
            return told_elsewhere(self.code)
        except OSError:  # the project's folder is gone
            return ""

    def leave(self) -> None:
        """A child process ends by itself: write what is not written yet."""
        if self._is_open:
            self.end({})
            self.finish()

    def _forked(self) -> None:
        """A test has forked the process: what is seen from here on is seen in a child."""
        if not self._is_open or self.test is None:
            self.journal.forked(self.journal.name)
            return  # between tests: a process that may run tests itself, as Django's do with --parallel
        self.is_child = True
        self.journal.forked("child")
        self._sensors = [sensor for sensor in self._sensors if sensor.in_children]
        test, self.test = self.test, None
        if not self._sensors:
            self._is_open = False
            return
        self.begin(test)
        finalizing = sys.modules.get("multiprocessing.util")
        if finalizing is not None:
            finalizing.Finalize(None, self.leave, exitpriority=0)

    def seen(self) -> None:
        """There is something new; a child process writes it soon."""
        if self.is_child and self.test is not None and self._clock() - self._written > _SOON:
            self._written = self._clock()
            test = self.test
            self.end({})
            self.begin(test)

    def late(self, test: RunningTest, part: Part) -> None:
        """Evidence of a test that has ended already; all that a child process writes is a part of its test's."""
        self.journal.write(
            "child" if self.is_child else "late", {"id": test.id, "repeat": test.repeat, **part}
        )

    def note(self, text: str) -> None:
        """Something the recorder could not do."""
        self.journal.write("note", text)

    def _switch_off(self, sensor: Sensor, error: Exception) -> str:
        self._sensors.remove(sensor)
        text = f"sensor {sensor.name} is off from here: {told(error)}"
        self.note(text)
        try:
            sensor.uninstall()
        except Exception as second:  # noqa: BLE001
            self.note(f"sensor {sensor.name} could not be taken out: {told(second)}")
        return text


def join(evidence: dict[str, Any], part: Mapping[str, Any]) -> None:
    """Add what one sensor knows: numbers are added up, tuples joined, all else is taken over."""
    for name, value in part.items():
        before = evidence.get(name)
        if before is None:
            evidence[name] = value
        elif isinstance(before, (int, float, tuple)) and isinstance(value, type(before)):
            evidence[name] = before + value  # type: ignore[operator]
        else:
            evidence[name] = value


def told(error: BaseException) -> str:
    """An error in one line, with the place where it was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" ({last[0].filename}:{last[0].lineno})" if last else ""
    return f"{type(error).__name__}: {error}{where}"[:500]
