"""The journal of one process: JSON lines, appended one by one, so that a killed run keeps what it has.

Each line is an object with one key, which says what it is:

* `process`: the first line; who writes, and since when.
* `begin`: a test has begun. Without its `test` line it never ended.
* `test`: all evidence of a test that has ended.
* `late`: evidence of a test that turned up after its end.
* `child`: evidence of a process that a test started.
* `note`: what the recorder could not do.
* `end`: the last line of a process that ended by itself.
"""

import json
import os
from collections.abc import Callable
from json import encoder
from typing import Any

from greenroom.record.encoding import encode_outside

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)


def _encoder() -> Callable[[Any], str]:
    """What `json.dumps` would do; in C it is made once, and not for each line anew."""
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:
        return json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=encode_outside).encode
    sort_keys = skip_keys = False
    write_text, allow_nan = encoder.encode_basestring_ascii, True
    parts = make(None, encode_outside, write_text, None, ":", ",", sort_keys, skip_keys, allow_nan)
    return lambda value: "".join(parts(value, 0))


class Journal:
    """Appends lines to one file, which is open only while a line is written.

    So it survives tests that close all descriptors, and is none of their leaks. What the system calls are is
    remembered, as a test may put doubles in their place. What cannot be written now is written with a later line.
    """

    def __init__(self, folder: str, name: str) -> None:
        self.folder = folder
        self.name = name
        self._calls: tuple[Callable[..., Any], ...] = (os.open, os.write, os.close, os.getpid)
        self._dumps = _encoder()
        self._waiting: list[bytes] = []

    @property
    def file(self) -> str:
        """Of this process: after a fork it is another."""
        return f"{self.folder}{os.sep}{self.name}-{self._calls[3]()}.jsonl"

    def write(self, kind: str, content: Any) -> None:
        """Append a line; one system call, so that lines of two threads do not mix."""
        self.hold(kind, content)
        open_file, write_bytes, close_file, _ = self._calls
        try:
            descriptor = open_file(self.file, _FLAGS, 0o666)
        except OSError:
            return
        try:
            waiting = b"".join(self._waiting)
            written = write_bytes(descriptor, waiting)
            self._waiting = [waiting[written:]] if written < len(waiting) else []
        except OSError:
            return
        finally:
            close_file(descriptor)

    def hold(self, kind: str, content: Any) -> None:
        """Have a line written with the next one, which follows at once."""
        self._waiting.append((self._dumps({kind: content}) + "\n").encode())

    def forked(self, name: str) -> None:
        """In a forked process: another file; and what waits is its parent's to write."""
        self.name = name
        self._waiting = []
