"""Which calls block the thread that makes them: a table.

What is not in it, C code above all, is seen when it takes longer than the limit. What is in it is seen
however short it is.
"""

import os
import sys
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

Predicate = Callable[..., bool]


class Blocking(NamedTuple):
    """Functions of one module, or methods of one of its classes."""

    kind: str
    """As of `BlockingCall.kind`."""
    module: str
    names: tuple[str, ...]
    owner: str = ""
    """The class; empty: the functions are the module's own."""
    never: Predicate | None = None
    """Whether a call with these arguments cannot wait."""


def _socket_never_waits(sock: Any, *_: Any, **__: Any) -> bool:
    return bool(sock.gettimeout() == 0)


def _descriptor_never_waits(descriptor: Any, *_: Any, **__: Any) -> bool:
    return isinstance(descriptor, int) and not os.get_blocking(descriptor)


def _no_time(timeout: Any = None, *_: Any, **words: Any) -> bool:
    timeout = words.get("timeout", timeout)
    return timeout is not None and timeout <= 0


def _no_time_method(_self: Any, timeout: Any = None, *_: Any, **words: Any) -> bool:
    return _no_time(words.get("timeout", timeout))


_START = "Thread.start"
_EVENT = 2
"""Frames from a predicate to who called what it judges: itself, and what times the call."""


def _waits_for_nobody(_self: Any, timeout: Any = None, *_: Any, **words: Any) -> bool:
    """Whether no time is given, or a thread is being started, which waits until the new one is there."""
    if _no_time(words.get("timeout", timeout)):
        return True
    starting = sys._getframe(_EVENT).f_back  # noqa: SLF001  - the one way to learn who called
    code = starting.f_code if starting is not None else None
    return code is not None and code.co_qualname == _START and code.co_filename == threading.__file__


def _no_time_select(_r: Any, _w: Any, _x: Any, timeout: Any = None, *_: Any) -> bool:
    return _no_time(timeout)


_SOCKET = (
    "connect", "connect_ex", "accept", "recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "sendall",
)  # fmt: skip
"""Without `send`, which waits for nothing but a full buffer, and which asyncio itself calls for each message."""
_SQL = ("execute", "executemany", "executescript")

STANDARD = (
    Blocking(kind="sleep", module="time", names=("sleep",)),
    Blocking(kind="network", module="socket", owner="socket", names=_SOCKET, never=_socket_never_waits),
    Blocking(
        kind="dns",
        module="socket",
        names=("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr"),
    ),
    Blocking(kind="network", module="select", names=("select",), never=_no_time_select),
    Blocking(
        kind="network", module="selectors", owner="SelectSelector", names=("select",), never=_no_time_method
    ),
    Blocking(
        kind="network", module="selectors", owner="PollSelector", names=("select",), never=_no_time_method
    ),
    Blocking(
        kind="file", module="os", names=("read", "write", "readv", "writev"), never=_descriptor_never_waits
    ),
    Blocking(kind="file", module="os", names=("pread", "pwrite", "fsync", "fdatasync", "sync")),
    Blocking(kind="process", module="os", names=("system", "wait", "wait3", "wait4", "waitid", "waitpid")),
    Blocking(kind="process", module="subprocess", owner="Popen", names=("__init__", "wait", "communicate")),
    Blocking(kind="lock", module="threading", owner="Condition", names=("wait",), never=_waits_for_nobody),
    Blocking(kind="lock", module="threading", owner="Thread", names=("join",), never=_no_time_method),
)
"""The standard library's, loaded by then in any process that runs a loop."""

LATER = (
    Blocking(kind="network", module="ssl", owner="SSLSocket", names=("read", "write", "send", "do_handshake"),
             never=_socket_never_waits),
    Blocking(kind="database", module="sqlite3", owner="Connection", names=(*_SQL, "commit", "rollback", "backup")),
    Blocking(kind="database", module="sqlite3", owner="Cursor", names=(*_SQL, "fetchone", "fetchmany", "fetchall")),
    Blocking(kind="database", module="psycopg2", names=("connect",)),
    Blocking(kind="database", module="psycopg2.extensions", owner="connection", names=("commit", "rollback")),
    Blocking(kind="database", module="psycopg2.extensions", owner="cursor",
             names=("execute", "executemany", "callproc", "copy_expert", "fetchone", "fetchmany", "fetchall")),
    Blocking(kind="database", module="psycopg", owner="Connection", names=("connect", "wait")),
    Blocking(kind="database", module="MySQLdb.connections", owner="Connection", names=("__init__", "query", "commit")),
)  # fmt: skip
"""Wrapped once somebody has loaded the module."""

AUDITED = {
    "open": "file", "os.listdir": "file", "os.scandir": "file", "os.rename": "file", "os.remove": "file",
    "os.mkdir": "file", "os.rmdir": "file", "os.truncate": "file", "shutil.rmtree": "file",
    "sqlite3.connect": "database", "import": "import",
}  # fmt: skip
"""What the interpreter itself tells: that it begins, not how long it takes."""
