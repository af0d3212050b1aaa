"""What was there after a test and not before: tasks, threads, descriptors, connections, processes, files.

A thing is looked at twice: when its test has ended, and when the next one has, as much is on its way out by then.
Nothing is collected, closed or waited for. What a fixture of a wider scope has made is nobody's leak.
"""

import _thread
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from types import CoroutineType, ModuleType
from typing import Any, NamedTuple
from weakref import WeakSet, ref

from greenroom.model.place import Place
from greenroom.record.around import Arounds
from greenroom.record.audit_events import listen, listen_no_longer
from greenroom.record.descriptors import Descriptors, Libuv, target_of
from greenroom.record.loaded_libraries import LoadedLibraries
from greenroom.record.made_by import Maker, Makers, is_kept_by_library
from greenroom.record.resident import Resident
from greenroom.record.sensor import Part, RunningTest, Scene
from greenroom.record.watched_call import WatchedMethods

_OF_THE_SYSTEM = ("/proc/", "/dev/", "/sys/", "anon_inode:[timerfd]", "/memfd:")
_CODE = (".py", ".pyc", ".so", ".pth", ".jsonl")
_KEPT = ("Trio thread", "AnyIO worker thread")
_MOST = 100


class Leak(NamedTuple):
    """Something that has leaked, named as in `model.evidence`."""

    kind: str
    name: str
    place: Place | None


class Candidate(NamedTuple):
    """Something that may turn out to have leaked."""

    leak: Leak
    is_there: Callable[[], bool]


class LeakSensor:
    """Remembers what a test makes, and looks for it afterwards."""

    name = "leaks"
    in_children = False

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._makers: Makers | None = None
        self._arounds = Arounds(self._complain)
        self._methods = WatchedMethods(self._complain)
        self._libraries = LoadedLibraries(self._complain)
        self._waiting: list[tuple[RunningTest, Candidate]] = []
        self._descriptors = Descriptors()
        self._resident = Resident()
        self._known_threads: WeakSet[threading.Thread] = WeakSet()
        self._is_alone = False
        """The thread that runs the tests was the only one when it was looked last."""
        self._before = self._standing()
        self._made: list[tuple[str, Any, Maker]] = []
        self._opened: dict[str, Maker] = {}
        self._threads: list[tuple[ref[threading.Thread], Maker]] = []
        self._tasks: list[Leak] = []
        self._libuv = Libuv()
        self._events = {
            "socket.__new__": self._making_socket,
            "subprocess.Popen": self._starting_process,
            "tempfile.mkstemp": self._making_file,
            "tempfile.mkdtemp": self._making_file,
            "open": self._opening,
        }

    def _standing(self) -> "_Standing":
        return _Standing(self._live(), self._descriptors.look(), _pending(), self._resident.now())

    def _live(self) -> "WeakSet[threading.Thread]":
        """The threads; the set of before where none has come since, as one that has ended never comes back."""
        known = self._known_threads
        if self._is_alone and not _thread._count():  # noqa: SLF001  - `enumerate` without its lock and its list
            return known
        threads = threading.enumerate()
        self._is_alone = len(threads) == 1
        if not all(thread in known for thread in threads):
            known = self._known_threads = WeakSet(threads)
        return known

    def install(self, scene: Scene) -> None:
        """Listen to what is made."""
        self._scene = scene
        self._makers = Makers(scene.code)
        for event, listener in self._events.items():
            listen(event, listener)
        self._libraries.once_loaded("asyncio.runners", self._watch_runners)
        self._libraries.install()
        self._methods.watch(threading.Thread, "start", self._starting_thread)

    def _watch_runners(self, module: ModuleType) -> bool:
        self._arounds.put(module, "_cancel_all_tasks", _Cancelling(self))
        return hasattr(module, "_cancel_all_tasks")

    def uninstall(self) -> None:
        """Listen no longer, and say of the last test what is still there."""
        for event, listener in self._events.items():
            listen_no_longer(event, listener)
        self._methods.restore()
        self._libraries.uninstall()
        self._arounds.restore()
        self._tell()

    def begin(self, test: RunningTest) -> None:
        """Remember what is there."""
        self._made, self._opened, self._threads, self._tasks = [], {}, [], []
        if not test.follows:
            self._descriptors.settle_once()
            self._before = self._standing()

    def end(self, test: RunningTest) -> Part:
        """Tell of the test before; keep in mind what this one leaves."""
        self._tell()
        before, now = self._before, self._standing()
        for loose in tuple(now.tasks):
            self.note_task(loose)
        if self._made or self._threads or now.descriptors is not before.descriptors:
            self._waiting = [(test, candidate) for candidate in self._candidates(now)[:_MOST]]
        self._before = now
        grown = now.memory - before.memory
        return (
            {"leaks": _plain(dict.fromkeys(self._tasks)), "memory": grown}
            if self._tasks
            else {"memory": grown}
        )

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        left: dict[int, tuple[RunningTest, list[Leak]]] = {}
        for test, candidate in waiting:
            if candidate.is_there():
                left.setdefault(id(test), (test, []))[1].append(candidate.leak)
        for test, leaks in left.values():
            if self._scene is not None:
                self._scene.late(test, {"leaks": _plain(leaks)})

    def _candidates(self, now: "_Standing") -> list[Candidate]:
        found = [*self._left_threads()]
        known = set()
        for kind, thing, maker in self._made:
            candidate = _MADE[kind](thing, maker)
            if candidate is not None:
                known.add(_number(thing) if kind == "connection" else -1)
                if not maker.is_lasting:
                    found.append(candidate)
        return found + self._left_descriptors(known, now.descriptors)

    def _left_threads(self) -> list[Candidate]:
        return [
            Candidate(Leak(kind="thread", name=thread.name, place=maker.place), thread.is_alive)
            for reference, maker in self._threads
            if (thread := reference()) is not None and thread.is_alive() and not maker.is_lasting
            if thread not in self._before.threads
        ]

    def _left_descriptors(self, known: set[int], now: dict[int, str]) -> list[Candidate]:
        found = []
        before = self._before.descriptors
        for number, target in now.items() if now is not before else ():
            is_old = before.get(number) == target
            if is_old or number in known or target.startswith(_OF_THE_SYSTEM) or self._libuv.keeps(target):
                continue
            maker = self._opener(target)
            if (maker.is_lasting if maker else self._has_wider_fixture) or self._is_ours(target):
                continue
            name = target if maker else target.removeprefix("anon_inode:").partition(":[")[0].strip("[]")
            leak = Leak(kind="descriptor", name=name, place=maker.place if maker else None)
            found.append(Candidate(leak, _Stays(number, target)))
        return found

    def _opener(self, target: str) -> Maker | None:
        """Who opened this file, whichever way it was spelled; links are followed for what was left open only."""
        found = self._opened.get(target)
        if found is None:
            found = next(
                (maker for file, maker in self._opened.items() if os.path.realpath(file) == target), None
            )
        return found

    def _is_ours(self, target: str) -> bool:
        return self._scene is not None and target.startswith(os.path.realpath(self._scene.folder))

    @property
    def _is_on(self) -> bool:
        return self._scene is not None and self._scene.test is not None

    def _maker(self) -> Maker:
        assert self._makers is not None  # noqa: S101  - it is on
        return self._makers.here(3)

    def _starting_thread(self, thread: Any) -> None:
        if not self._is_on or not isinstance(thread, threading.Thread) or _is_nobodys(thread):
            return
        if not is_kept_by_library(sys._getframe(2)):  # noqa: SLF001  - there is no other way
            maker = self._maker()
            if maker.is_lasting and self._makers is not None:
                self._makers.keep(thread)
            self._threads.append((ref(thread), maker))

    def _making_socket(self, arguments: tuple[Any, ...]) -> None:
        if self._is_on:
            self._made.append(("connection", ref(arguments[0]), self._maker()))

    def _starting_process(self, arguments: tuple[Any, ...]) -> None:
        if not self._is_on:
            return
        frame = sys._getframe(2)  # noqa: SLF001  - the event does not say which object
        process = frame.f_locals.get("self")
        if process is not None:
            name = os.path.basename(os.fsdecode(arguments[0]))  # noqa: PTH119
            self._made.append(("process", (name, ref(process)), self._maker()))

    def _making_file(self, arguments: tuple[Any, ...]) -> None:
        if self._is_on:
            self._made.append(("file", os.fsdecode(arguments[0]), self._maker()))

    def _opening(self, arguments: tuple[Any, ...]) -> None:
        path = arguments[0]
        if not isinstance(path, str) or path.startswith(_OF_THE_SYSTEM) or path.endswith(_CODE):
            return
        if self._is_on:
            file = path if path.startswith("/") else os.path.abspath(path)  # noqa: PTH100
            if file not in self._opened and len(self._opened) < 10 * _MOST:
                self._opened[file] = self._maker()

    @property
    def _has_wider_fixture(self) -> bool:
        test = self._scene.test if self._scene is not None else None
        return test is not None and test.has_wider_fixture

    def note_task(self, task: Any) -> None:
        """A task that nobody has waited for, where it runs the project's code."""
        coroutine = task.get_coro()
        if not self._is_on or task in self._before.tasks or not isinstance(coroutine, CoroutineType):
            return
        if self._has_wider_fixture or self._maker().is_lasting:
            return
        scene = self._scene
        if scene is not None and scene.code.owns(coroutine.cr_code):
            frame = coroutine.cr_frame
            place = scene.code.place_of(frame) if frame is not None else None
            self._tasks.append(Leak(kind="task", name=coroutine.__qualname__, place=place))

    def _complain(self, error: Exception) -> None:
        if self._scene is not None:
            self._scene.note(f"leaks: {type(error).__name__}: {error}")


def _plain(leaks: Iterable[Leak]) -> tuple[Mapping[str, Any], ...]:
    return tuple(leak._asdict() for leak in leaks)


class _Standing(NamedTuple):
    """What is there at one moment."""

    threads: "WeakSet[threading.Thread]"
    descriptors: dict[int, str]
    tasks: Collection[Any]
    memory: int


class _Cancelling:
    """A loop is about to be closed, and what still waits on it to be cancelled."""

    def __init__(self, sensor: LeakSensor) -> None:
        self._sensor = sensor

    def enter(self, args: tuple[Any, ...], words: dict[str, Any]) -> None:  # noqa: ARG002
        for task in sys.modules["asyncio"].all_tasks(args[0]):
            self._sensor.note_task(task)

    def leave(self, token: Any, error: BaseException | None, result: Any) -> None:
        """Never called."""


class _Stays:
    def __init__(self, number: int, target: str) -> None:
        self._number, self._target = number, target

    def __call__(self) -> bool:
        return target_of(self._number) == self._target


def _connection(thing: Any, maker: Maker) -> Candidate | None:
    def is_there() -> bool:
        return _number(thing) != -1

    if not is_there():
        return None
    return Candidate(Leak(kind="connection", name=_address(thing()), place=maker.place), is_there)


def _process(thing: Any, maker: Maker) -> Candidate | None:
    name, reference = thing

    def is_there() -> bool:
        process = reference()
        return process is not None and process.returncode is None and _runs(process.pid)

    return Candidate(Leak(kind="process", name=name, place=maker.place), is_there) if is_there() else None


def _file(thing: Any, maker: Maker) -> Candidate | None:
    def is_there() -> bool:
        return os.path.lexists(thing)

    return Candidate(Leak(kind="file", name=thing, place=maker.place), is_there) if is_there() else None


_MADE: dict[str, Callable[[Any, Maker], Candidate | None]] = {
    "connection": _connection,
    "process": _process,
    "file": _file,
}


def _number(reference: Any) -> int:
    """The descriptor of a socket; -1 once it is closed or gone."""
    socket = reference()
    return -1 if socket is None else int(socket.fileno())


def _address(socket: Any) -> str:
    for ask in (socket.getpeername, socket.getsockname):
        try:
            address = ask()
        except OSError:
            continue
        if address:
            return f"{address[0]}:{address[1]}" if isinstance(address, tuple) else os.fsdecode(address)
    return "socket pair"


def _runs(number: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        with open(f"/proc/{number}/stat", "rb") as stream:  # noqa: PTH123
            return stream.read().rpartition(b") ")[2][:1] not in (b"Z", b"X", b"")
    except OSError:
        return False


def _pending() -> Collection[Any]:
    """Tasks of all loops that are not closed; they are not kept alive."""
    tasks = sys.modules.get("asyncio.tasks")
    scheduled: Any = getattr(tasks, "_scheduled_tasks", None) or getattr(tasks, "_all_tasks", ())
    if not getattr(scheduled, "data", scheduled):  # a weak set counts itself in Python
        return ()
    for _ in range(3):
        try:
            return WeakSet(
                task for task in list(scheduled) if not task.done() and not task.get_loop().is_closed()
            )
        except RuntimeError:  # another thread has made one meanwhile
            continue
    return ()


def _is_nobodys(thread: threading.Thread) -> bool:
    """Ours, or kept for a while by a library that will need one again."""
    return thread.name.startswith(_KEPT) or str(
        getattr(getattr(thread, "_target", None), "__module__", "")
    ).startswith("greenroom.")
