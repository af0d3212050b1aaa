"""Routes of the application that a test reached, over which interface, and what came back."""

from collections.abc import Iterator, Mapping
from typing import Any

from greenroom.model.interface import Interface
from greenroom.model.place import Place
from greenroom.record.around import Arounds
from greenroom.record.frameworks.aiohttp import Aiohttp
from greenroom.record.frameworks.django import Django
from greenroom.record.frameworks.flask import Flask
from greenroom.record.frameworks.request import CURRENT, Framework, Request, current
from greenroom.record.frameworks.starlette import Starlette
from greenroom.record.frameworks.transports import Transports
from greenroom.record.loaded_libraries import LoadedLibraries
from greenroom.record.marked_code import PROJECT_IMPORTS
from greenroom.record.marks import ENDPOINT, Mark
from greenroom.record.sensor import Part, RunningTest, Scene

_Key = tuple[str, str, Interface, int, str, tuple[str, Mark] | None]
_MOST = 500
"""Different exchanges of one test that are kept."""


class ExchangeSensor:
    """Stands around the applications of web frameworks; hears of handlers that a test calls itself."""

    name = "exchanges"
    in_children = True

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._arounds = Arounds(self._complain)
        self._libraries = LoadedLibraries(self._complain)
        self._frameworks: tuple[Framework, ...] = (
            Starlette(), Flask(), Django(), Aiohttp(), Transports()
        )  # fmt: skip
        self._found: dict[_Key, int] = {}
        self._called: dict[tuple[str, int], int] = {}
        self._complaints: set[str] = set()

    def install(self, scene: Scene) -> None:
        """Patch the frameworks that are loaded; the others, once they are."""
        self._scene = scene
        for framework in self._frameworks:
            framework.prepare(_Noted(self), self._arounds, self._libraries)
        self._libraries.install()
        PROJECT_IMPORTS.listen(scene, ENDPOINT, self._reached)

    def uninstall(self) -> None:
        """Put everything back."""
        PROJECT_IMPORTS.listen_no_longer(ENDPOINT)
        self._libraries.uninstall()
        self._arounds.restore()

    def begin(self, test: RunningTest) -> None:  # noqa: ARG002
        """Another test."""
        self._found = {}
        self._called = {}
        self._libraries.look_again()

    def end(self, test: RunningTest) -> Part:  # noqa: ARG002
        """What was answered."""
        if not self._found and not self._called:
            return {}
        found, self._found = self._found, {}
        called, self._called = self._called, {}
        for (file, line), times in called.items():
            for method, route in self._routes(file, line):
                key = (method, route, Interface.DIRECT, 0, "", None)
                found[key] = found.get(key, 0) + times
        return {"exchanges": self._exchanges(found)}

    def _routes(self, file: str, line: int) -> Iterator[tuple[str, str]]:
        """Which routes the function that begins there answers; none of an application that cannot say it."""
        for framework in self._frameworks:
            try:
                yield from framework.routes(file, line)
            except Exception as error:  # noqa: BLE001  - what is asked is the project's own code
                self._complain(error)

    def note_request(self, request: Request) -> None:
        """One was answered; perhaps after the test that asked has ended."""
        key = (
            request.method, request.route, request.interface, request.status, request.failure, request.handler
        )  # fmt: skip
        scene = self._scene
        if scene is None or request.test is None:
            return
        if request.test is not scene.test and not scene.is_child:
            scene.late(request.test, {"exchanges": self._exchanges({key: 1})})
            return
        if key in self._found or len(self._found) < _MOST:
            self._found[key] = self._found.get(key, 0) + 1
        scene.seen()

    @property
    def test(self) -> RunningTest | None:
        """The test that runs."""
        return self._scene.test if self._scene is not None else None

    def _reached(self, file: str, mark: Mark) -> None:
        request = current()
        if request is not None:
            request.reach(file, mark)
        elif self.test is not None:
            key = (file, mark.line)
            self._called[key] = self._called.get(key, 0) + 1

    def _exchanges(self, found: Mapping[_Key, int]) -> tuple[Mapping[str, Any], ...]:
        return tuple(
            {
                "method": method, "route": route, "interface": interface, "status": status, "failure": failure,
                "times": times, "place": self._place(handler),
            }
            for (method, route, interface, status, failure, handler), times in found.items()
        )  # fmt: skip

    def _place(self, handler: tuple[str, Mark] | None) -> Place | None:
        if handler is None or self._scene is None:
            return None
        file, mark = handler
        code = self._scene.code
        return code.place_at(file, mark.line, mark.symbol, mark.column) if code.relative(file) else None

    def _complain(self, error: Exception) -> None:
        text = f"exchanges: {type(error).__name__}: {error}"
        if self._scene is not None and text not in self._complaints:
            self._complaints.add(text)
            self._scene.note(text)


class _Noted:
    """What the frameworks tell of requests."""

    def __init__(self, sensor: ExchangeSensor) -> None:
        self._sensor = sensor

    def begin(self, method: str, interface: Interface) -> Request | None:
        test = self._sensor.test
        if test is None:
            return None
        request = Request(method, interface, test)
        request.before = CURRENT.get()
        CURRENT.set(request)
        return request

    def end(self, request: Request) -> None:
        request.is_open = False
        request.settle()
        CURRENT.set(request.before)
        request.before = None
        self._sensor.note_request(request)
