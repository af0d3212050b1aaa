"""Stacks as plain data: frames themselves would keep the locals of the watched code alive."""

import asyncio
import os
import re
from collections.abc import Hashable
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple

_ASYNCIO = asyncio.__file__.rpartition("/")[0]
_DUMPED = re.compile(r'^ +File "(?P<file>.*)", line (?P<line>\d+) in (?P<name>.*)$')
_DEEPEST = 200
_WAITING = "Selector.select"
_STANDARD = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120  - as frames spell it
_OURS = (str(Path(__file__).parent) + os.sep, str(Path(__file__).parents[1] / "replaced.py"))


class Line(NamedTuple):
    """Where one frame of a stack was; on a busy machine many are made, and a tuple is the quickest."""

    file: str
    number: int
    name: str
    """The function's name, qualified where `code` is known."""
    code: CodeType | None = None
    offset: int = -1
    """Of the instruction, in bytes; -1: unknown."""
    module: str = ""


Stack = tuple[Line, ...]
"""Innermost first."""

Glimpse = tuple[Stack, Hashable]
"""What a loop runs at a moment, and what tells this step from another: two glimpses with the same second part
were caught of one and the same callback."""

NOTHING: Glimpse = ((), None)


def is_ours(file: str) -> bool:
    """Whether code of this file is the watch itself."""
    return file.startswith(_OURS)


def is_asyncio(file: str) -> bool:
    """Whether code of this file belongs to asyncio itself."""
    return file.startswith(_ASYNCIO)


def is_asyncios_own(stack: Stack) -> bool:
    """Whether asyncio made the call that this stack ends in, be it through others of the standard library.

    Handing work to a thread waits until that thread runs; if it is not let to, another one is to blame.
    """
    for line in stack:
        if is_asyncio(line.file) or not line.file.startswith(_STANDARD):
            return is_asyncio(line.file)
    return False


def _edges() -> frozenset[CodeType]:
    loop = asyncio.BaseEventLoop
    functions = (asyncio.Handle._run, loop._run_once, loop.run_forever, asyncio.Runner.run)  # type: ignore[attr-defined]  # noqa: SLF001
    return frozenset(function.__code__ for function in functions)


class Boundary:
    """The frames where a loop ends and what it runs begins."""

    def __init__(self) -> None:
        self._codes = _edges()

    def add(self, code: CodeType) -> None:
        """Count a function of ours which runs loops."""
        self._codes |= {code}

    def is_waiting(self, frame: FrameType | None) -> bool:
        """Whether a loop stands there until something happens: it holds nothing up, and need not be asked."""
        if frame is None or not frame.f_code.co_qualname.endswith(_WAITING):
            return False
        return frame.f_back is not None and frame.f_back.f_code in self._codes

    def stack_of(self, frame: FrameType | None) -> Glimpse:
        """Read what the innermost loop on this stack runs."""
        lines: list[Line] = []
        root: Hashable = None
        while frame is not None and frame.f_code not in self._codes and len(lines) < _DEEPEST:
            code = frame.f_code
            module = frame.f_globals.get("__name__", "")
            if not is_ours(code.co_filename):
                at = frame.f_lineno or 0
                lines.append(Line(code.co_filename, at, code.co_qualname, code, frame.f_lasti, str(module)))
                root = (id(frame), frame.f_lasti)
            frame = frame.f_back
        if len(lines) == 1 and lines[0].name.endswith(_WAITING):
            return NOTHING
        return tuple(lines), root

    def read_dump(self, text: str) -> Stack:
        """Read the newest stack that `faulthandler` wrote, as far as the loop."""
        names = {(code.co_filename, code.co_name) for code in self._codes}
        lines: list[Line] = []
        for row in text.rpartition("Stack (most recent call first):\n")[2].splitlines():
            match = _DUMPED.match(row)
            if match is None or (match["file"], match["name"]) in names:
                break
            lines.append(Line(match["file"], int(match["line"]), match["name"]))
        if len(lines) == 1 and lines[0].file.endswith("selectors.py"):
            return ()
        return tuple(lines)
