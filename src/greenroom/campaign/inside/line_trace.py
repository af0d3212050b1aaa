"""Which of the wanted lines run, and in whose name: a trace function that costs little where nothing is wanted."""

import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import CO_OPTIMIZED
from types import CodeType, FrameType
from typing import Any

CONTEXT = "GREENROOM_CONTEXT"
"""Of the environment: in whose name a process runs what it runs."""

ANYTHING = "*"
"""Among files: processes were started, or tracing was switched off, and nobody knows what ran."""

_READ = frozenset({"__defaults__", "__kwdefaults__"})
"""Attributes of functions whose reading Python tells those who audit."""

_STARTS = frozenset(
    {
        "subprocess.Popen",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.system",
        "os.exec",
        "pty.spawn",
    }
)
"""Events of Python's auditing."""
_HARMLESS = ("/ldconfig", "/uname")
"""Programs that libraries ask about the system, and that read nothing of a project."""
_UNTOLD = frozenset({"multiprocessing.popen_spawn_posix", "multiprocessing.popen_forkserver"})
"""Modules that start processes without such an event."""

_Local = Callable[[FrameType, str, Any], Any]


@dataclass(slots=True)
class Context:
    """Somebody in whose name code runs: a test, a shared fixture, the import of the project."""

    name: str
    lines: set[tuple[str, int]] = field(default_factory=set)
    """Path relative to the root, and line."""
    imports: set[tuple[str, int]] = field(default_factory=set)
    """Of these lines, those that an import runs, once in each process."""
    files: set[str] = field(default_factory=set)
    """Of the project, also those in which no line is wanted, with functions that it runs."""
    ports: set[int] = field(default_factory=set)
    """To which it binds a socket by their number."""
    body: CodeType | None = None
    """Of which it matters whether any of it runs."""
    began: bool = False
    """Whether it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What there is to see of a code object."""

    code: CodeType
    """Kept, so that no other gets its id."""
    file: str
    """Of the project, if it is that of a function."""
    local: _Local | None
    used: tuple[str, int] | None
    """What is told of whoever calls it, if its head is wanted."""


def used(first_line: int) -> int:
    """Among lines: somebody calls the function that begins there, decorators included, or reads its defaults."""
    return -first_line


class LineTrace:
    """Sees each call in every thread, and lines where a wanted one may run."""

    def __init__(self, wanted: Mapping[str, frozenset[int]], relative: Callable[[str], str]) -> None:
        """Prepare.

        Args:
            wanted: Lines by path relative to the root.
            relative: From a code's file name to such a path; empty for what is not the project's.
        """
        self.context = Context("")
        self._wanted = wanted
        self._relative = relative
        self._known: dict[int, _Known] = {}
        self._is_on = False
        self._foreign: dict[str, dict[str, Any]] = {}
        """Of modules that are not the project's: what is global there, by name."""
        self._journal: _LineJournal | None = None

    def enter(self, context: Context) -> None:
        """From here on, code runs in the name of somebody else; processes that are started, too."""
        self.context = context
        os.environ[CONTEXT] = context.name

    def start(self) -> None:
        """See what this thread, and threads that are started from here on, run."""
        self._is_on = True
        threading.settrace(self._call)
        sys.settrace(self._call)

    def stop(self) -> None:
        """See nothing more."""
        self._is_on = False
        sys.settrace(None)
        threading.settrace(None)

    def notice_system(self) -> None:
        """Know in whose name processes are started, of which nobody knows what they run, and ports are taken."""

        def notice(event: str, arguments: tuple[object, ...]) -> None:
            if event in _STARTS and not (arguments and str(arguments[0]).endswith(_HARMLESS)):
                self.context.files.add(ANYTHING)
            elif event == "socket.bind":
                address = arguments[1]
                if (
                    isinstance(address, tuple)
                    and len(address) > 1
                    and isinstance(address[1], int)
                    and address[1]
                ):
                    self.context.ports.add(address[1])

        sys.addaudithook(notice)

    def notice_defaults(self) -> None:
        """Know who reads the defaults of a function without calling it, as who asks for its signature does."""

        def notice(event: str, arguments: tuple[Any, ...]) -> None:
            if event == "object.__getattr__" and self._is_on and arguments[1] in _READ:
                known = self._knowledge_of(arguments[0].__code__)
                if known.used is not None:
                    self.context.lines.add(known.used)

        sys.addaudithook(notice)

    def keep_seeing(self) -> None:
        """A test may have switched it off, or started processes in a way that nobody is told of."""
        is_off = sys.gettrace() != self._call
        if is_off or not _UNTOLD.isdisjoint(sys.modules):
            self.context.files.add(ANYTHING)
        if is_off:
            self.start()

    def write_to(self, file: str) -> None:
        """Add each new line to a file at once: this process may be killed at any moment."""
        self._journal = _LineJournal(file, self.context.name)

    def _call(self, frame: FrameType, _event: str, _argument: Any) -> _Local | None:
        """Nearly always of somebody else: asked first, without `id` and `f_code`, which call all hooks of audits."""
        names = frame.f_globals
        if self._foreign.get(names.get("__name__", "")) is names:
            return None
        code = frame.f_code
        known = self._known.get(id(code))
        if known is None:
            known = self._knowledge_of(code)
            self._look_around(code, names)
        if known.file:
            self.context.files.add(known.file)
            if code is self.context.body:
                self.context.began = True
            if known.used is not None:
                self.context.lines.add(known.used)
        return known.local

    def _knowledge_of(self, code: CodeType) -> "_Known":
        known = self._known.get(id(code))
        if known is None:
            known = self._known[id(code)] = self._look_at(code)
        return known

    def _look_at(self, code: CodeType) -> "_Known":
        file = self._relative(code.co_filename)
        wanted = self._wanted.get(file, frozenset())
        own = {line for _, _, line in code.co_lines() if line}
        lines = wanted & own
        head = range(code.co_firstlineno, min(own - {code.co_firstlineno}, default=code.co_firstlineno + 1))
        is_function = _is_function(code)
        return _Known(
            code=code,
            file=file if is_function else "",
            local=self._follow(file, lines, by_import=not is_function) if lines else None,
            used=(file, used(code.co_firstlineno)) if is_function and wanted.intersection(head) else None,
        )

    def _look_around(self, code: CodeType, names: dict[str, Any]) -> None:
        """Whether all in this module is somebody else's."""
        module, file = names.get("__name__"), names.get("__file__")
        owned = [self._relative(each) for each in (code.co_filename, file) if isinstance(each, str)]
        if isinstance(module, str) and owned == ["", ""]:
            self._foreign.setdefault(module, names)

    def _follow(self, file: str, lines: frozenset[int], *, by_import: bool) -> _Local:
        def follow(frame: FrameType, event: str, _argument: Any) -> _Local:
            if event == "line" and frame.f_lineno in lines:
                seen = (file, frame.f_lineno)
                if seen not in self.context.lines:
                    self.context.lines.add(seen)
                    if by_import:
                        self.context.imports.add(seen)
                    if self._journal is not None:
                        self._journal.add(*seen)
            return follow

        return follow


def _is_function(code: CodeType) -> bool:
    """Whether it is more than a part of what an import runs."""
    is_part = code.co_name.startswith("<") and "<locals>" not in code.co_qualname
    return bool(code.co_flags & CO_OPTIMIZED) and not is_part


class _LineJournal:
    """Lines of processes that tests start; whole lines of several processes do not mix."""

    def __init__(self, file: str, context: str) -> None:
        self._handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._context = context
        self._write = os.write

    def add(self, path: str, line: int) -> None:
        try:
            self._write(self._handle, f"{self._context}\t{path}\t{line}\n".encode())
        except OSError:
            return
