"""Integration points that a test reached, for real or through a double."""

import os
import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from socket import SOCK_DGRAM
from types import FrameType, ModuleType
from typing import Any, NamedTuple

from greenroom.model.place import Place
from greenroom.record.around import Arounds
from greenroom.record.attempts import Attempts, spelled
from greenroom.record.audit_events import listen, listen_no_longer
from greenroom.record.clients import all_clients
from greenroom.record.clients.client import Client, Point, Role
from greenroom.record.crossing_stack import CrossingStack
from greenroom.record.loaded_libraries import LoadedLibraries
from greenroom.record.mocked_clients import MockedClients
from greenroom.record.opened_files import FILES, OpenedFiles
from greenroom.record.sensor import Part, RunningTest, Scene

_OF_COVERAGE = "file:coverage-"
"""Where coverage.py keeps what it measures, when we ask it to."""
_MOST = 500
"""Different crossings of one test that are kept."""


_OF_THE_LOADER = frozenset({"ldconfig", "objdump"})
"""`ctypes.util.find_library` asks them while a library is imported: nothing that the project crosses."""


class Crossed(NamedTuple):
    """A crossing that has ended, named as in `model.evidence`."""

    library: str
    kind: str
    peer: str
    real: bool
    double: str
    failure: str
    place: Place | None


class Open:
    """A crossing that has not ended."""

    __slots__ = (
        "before",
        "double",
        "frame",
        "is_inside",
        "is_open",
        "is_real",
        "kind",
        "library",
        "peer",
        "place",
    )

    def __init__(self, library: str, kind: str, frame: int, place: Place | None) -> None:
        self.library = library
        self.kind = kind
        self.frame = frame
        """Identity of the project's frame that waits for it, as its hash, of which no audit event tells; 0: there is none."""
        self.place = place
        self.peer = ""
        self.double = ""
        self.is_real = False
        self.is_open = False
        self.is_inside = False
        """It leads to the application under test, which is no dependency."""
        self.before: Open | None = None


_OPEN: ContextVar[Open | None] = ContextVar("greenroom_crossing", default=None)


class CrossingSensor:
    """Stands around the send paths of client libraries, and hears of connections and processes."""

    name = "crossings"
    in_children = True

    def __init__(self) -> None:
        self.scene: Scene | None = None
        self._stack: CrossingStack | None = None
        self._arounds = Arounds(self.complain)
        self._libraries = LoadedLibraries(self.complain)
        self._mocked = MockedClients(self._arounds, self._add_mocked)
        self._attempts: Attempts[Crossed] = Attempts(self._attempted)
        self._files: OpenedFiles | None = None
        self._found: dict[Crossed, int] = {}
        self._complaints: set[str] = set()
        self._speaking: set[str] = set()
        self._events = {
            "open": self._opening,
            "socket.connect": self._connecting,
            "socket.getaddrinfo": self._resolving,
            "socket.sendto": self._sending,
            "sqlite3.connect": self._opening_sqlite,
            "subprocess.Popen": self._starting,
            "os.posix_spawn": self._spawning,
            "os.system": self._starting_shell,
        }

    def install(self, scene: Scene) -> None:
        """Patch what is loaded; the rest, once it is."""
        self.scene = scene
        self._stack = CrossingStack(scene.code)
        self._files = OpenedFiles(scene)
        self._mocked.prepare(scene, self._libraries)
        self._attempts.install(self._arounds, self._libraries)
        for client in all_clients():
            self._speaking.add(client.library)
            for point in client.points:
                self._libraries.once_loaded(point.module, _Put(self, client, point))
        self._libraries.install()
        for event, listener in self._events.items():
            listen(event, listener)

    def uninstall(self) -> None:
        """Put everything back."""
        for event, listener in self._events.items():
            listen_no_longer(event, listener)
        self._libraries.uninstall()
        self._attempts.uninstall()
        self._arounds.restore()

    def begin(self, test: RunningTest) -> None:  # noqa: ARG002
        """Another test."""
        self._found = {}
        self._libraries.look_again()

    def end(self, test: RunningTest) -> Part:  # noqa: ARG002
        """All that was crossed."""
        self._mocked.look()
        self._attempts.settle()
        if not self._found:
            return {}
        found, self._found = self._found, {}
        return {"crossings": tuple({**crossed._asdict(), "times": times} for crossed, times in found.items())}

    def put(self, client: Client, point: Point, module: ModuleType) -> bool:
        """Stand around the functions of one point, where the library has them."""
        owner = getattr(module, point.owner, None) if point.owner else module
        if owner is None:
            return False
        watcher = _Choosing(point.chosen) if point.chosen else _AtPoint(self, client, point)
        for name in point.names:
            self._arounds.put(owner, name, watcher)
        return True

    @property
    def _is_on(self) -> bool:
        return self.scene is not None and self.scene.test is not None

    def opened(self, depth: int, client: Client, role: Role) -> Open | None:
        """The crossing to which what happens here belongs: a new one, which is not open yet, or the open one.

        None where it is nothing by itself: the housekeeping of a library that speaks for itself elsewhere.
        """
        current = _OPEN.get()
        if current is not None and not current.is_open:
            current = None
        if current is not None and current.is_real and role is Role.WIRE and current.kind == client.kind:
            return current
        stack, scene = self._stack, self.scene
        if stack is None or scene is None:
            return None
        frame, library = stack.behind(depth + 1)
        number = 0 if frame is None else hash(frame)
        if current is not None and current.frame == number:
            return current
        if frame is None and library is None and role is Role.WIRE and client.library == "socket":
            return None  # a thread that looks up a name for others
        library = library or (client.library, client.kind)
        if role is Role.WIRE and library[0] != client.library and library[0] in self._speaking:
            return None
        place = None if frame is None else scene.code.place_of(frame)
        return Open(library[0], library[1], number, place)

    def _place(self, frame: FrameType | None) -> Place | None:
        return None if frame is None or self.scene is None else self.scene.code.place_of(frame)

    def closed(self, crossing: Open, failure: str) -> None:
        """It has ended."""
        crossing.is_open = False
        if crossing.is_inside:
            return
        if crossing.is_real:
            crossing.double = ""
        elif not crossing.double:
            return
        self.add(
            Crossed(
                crossing.library, crossing.kind, crossing.peer, crossing.is_real, crossing.double, failure,
                crossing.place,
            )
        )  # fmt: skip

    def add(self, key: Crossed, times: int = 1) -> None:
        """Count it."""
        found, scene = self._found, self.scene
        before = found.get(key, 0)
        if before or len(found) < _MOST:
            found[key] = before + times
        if scene is not None and scene.is_child:
            scene.seen()

    def _add_mocked(self, library: str, kind: str, failure: str, place: Place | None, times: int) -> None:
        self.add(
            Crossed(library, kind, "", real=False, double="unittest.mock", failure=failure, place=place),
            times,
        )

    def complain(self, error: Exception) -> None:
        """Something was not understood; said once."""
        text = f"crossings: {type(error).__name__}: {error}"
        if self.scene is not None and text not in self._complaints:
            self._complaints.add(text)
            self.scene.note(text)

    def _heard(
        self, library: str, kind: str, peer: str, tell: Callable[[Crossed], None] | None = None
    ) -> None:
        """The interpreter says that something goes out: part of what is open, or a crossing of its own."""
        if not self._is_on:
            return
        current = _OPEN.get()
        if current is not None and current.is_open:
            current.is_real = True
            current.peer = current.peer or peer
            return
        assert self._stack is not None  # noqa: S101  - it is on
        frame, behind = self._stack.behind(3)
        told = behind or (library, kind)
        if kind == "process":
            told = (library, kind)
        known = Crossed(*told, peer, real=True, double="", failure="", place=self._place(frame))
        (tell or self.add)(known)

    def _connecting(self, arguments: tuple[Any, ...]) -> None:
        """Nothing goes out where a datagram socket is only told its peer."""
        if self._is_on and arguments[0].type != SOCK_DGRAM:
            self._addressed(arguments, partial(self._attempts.begin, arguments[0]))

    def _sending(self, arguments: tuple[Any, ...]) -> None:
        if self._is_on:
            self._addressed(arguments, self.add)

    def _addressed(self, arguments: tuple[Any, ...], tell: Callable[[Crossed], None]) -> None:
        address = arguments[1]
        if isinstance(address, tuple):
            self._heard("socket", "socket", f"{address[0]}:{address[1]}", tell)
        elif isinstance(address, str | bytes):
            self._heard("socket", "socket", os.fsdecode(address).lstrip("\0"), tell)

    def _attempted(self, crossed: Crossed, failure: str) -> None:
        self.add(crossed._replace(failure=failure))

    def _opening(self, arguments: tuple[Any, ...]) -> None:
        """A file is crossed like anything else, if it is not the code itself, nor of the system."""
        files = self._files
        if files is None or not self._is_on or not files.is_of_interest(arguments[0]):
            return
        assert self._stack is not None  # noqa: S101  - it is on
        frame, _ = self._stack.behind(2)
        described = None if frame is None else files.described(*arguments[:3])
        if described is not None:
            peer, failure = described
            self.add(
                Crossed(FILES, FILES, peer, real=True, double="", failure=failure, place=self._place(frame))
            )

    def _resolving(self, arguments: tuple[Any, ...]) -> None:  # noqa: ARG002
        current = _OPEN.get()
        if current is not None and current.is_open:
            current.is_real = True

    def _opening_sqlite(self, arguments: tuple[Any, ...]) -> None:
        file = os.fsdecode(arguments[0])
        if not file.startswith(_OF_COVERAGE):
            self._heard("sqlite3", "database", f"sqlite:{file}")

    def _starting(self, arguments: tuple[Any, ...]) -> None:
        program = os.fsdecode(arguments[0])
        name = os.path.basename(program)  # noqa: PTH119
        if name not in _OF_THE_LOADER:
            self._heard("subprocess", "process", name)

    def _spawning(self, arguments: tuple[Any, ...]) -> None:
        if sys._getframe(2).f_globals.get("__name__") != "subprocess":  # noqa: SLF001  - told of as `Popen` already
            self._heard("os", "process", os.path.basename(os.fsdecode(arguments[0])))  # noqa: PTH119

    def _starting_shell(self, arguments: tuple[Any, ...]) -> None:  # noqa: ARG002
        self._heard("os", "process", "sh")


class _Put:
    """Puts a point in place once its module is there."""

    def __init__(self, sensor: CrossingSensor, client: Client, point: Point) -> None:
        self._sensor, self._client, self._point = sensor, client, point

    def __call__(self, module: ModuleType) -> bool:
        return self._sensor.put(self._client, self._point, module)


class _Choosing:
    """Passes on what a connection has chosen, also between tests."""

    def __init__(self, chosen: Callable[[tuple[Any, ...], dict[str, Any]], None]) -> None:
        self._chosen = chosen

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> Any:
        """Wait how it ends."""
        return (args, words), args

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:  # noqa: ARG002
        """It has ended."""
        if error is None:
            self._chosen(*token)


class _AtPoint:
    """Is told of the calls at one point."""

    def __init__(self, sensor: CrossingSensor, client: Client, point: Point) -> None:
        self._sensor, self._client, self._point = sensor, client, point
        self._role, self._if_so, self._peer = point.role, point.if_so, point.peer

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> Any:
        """Open a crossing, or say to the open one what is known here."""
        sensor = self._sensor
        scene = sensor.scene
        if scene is None or scene.test is None or (self._if_so is not None and not self._if_so(args, words)):
            return None
        crossing = sensor.opened(2, self._client, self._role)
        if crossing is None:
            return None
        self._tell(crossing, args, words)
        if crossing.is_open:
            return None
        crossing.is_open = True
        crossing.before = _OPEN.get()
        _OPEN.set(crossing)
        return (crossing, args, words), args

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:  # noqa: ARG002
        """Close it."""
        crossing, args, words = token
        _OPEN.set(crossing.before)
        crossing.before = None
        if self._role is Role.FAILS:
            crossing.is_real = error is not None
        elif not crossing.is_real and not crossing.double:
            crossing.double = self._point.double(args, words)
        self._sensor.closed(crossing, "" if error is None else spelled(error))

    def _tell(self, crossing: Open, args: tuple[Any, ...], words: dict[str, Any]) -> None:
        role = self._role
        if role is Role.WIRE:
            crossing.is_real = True
        elif role is Role.DOUBLE:
            crossing.double = self._point.double(args, words)
        elif role is Role.INSIDE:
            crossing.is_inside = True
        if not crossing.peer:
            try:
                crossing.peer = self._peer(args, words)
            except Exception:  # noqa: BLE001  - what is broken cannot say where it leads
                crossing.peer = ""
