"""Source frames: a few lines of the project around a place, and what to look at in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from keyword import iskeyword
from typing import Final

from greenroom.model.place import Place
from greenroom.model.secret import cover
from greenroom.report.text import visible

_TAB: Final = 4
_LONGEST: Final = 160
"""Columns of a line that a frame shows; more is not read but scrolled past."""
_MOST_LINES: Final = 6
"""Of a statement over many lines."""
_NAME: Final = re.compile(r"[^\W\d][\w.]*")
_OPEN: Final = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLine:
    """One line of a frame."""

    number: int
    text: str
    """With spaces for tabs, control characters spelled out, secrets covered, clipped."""
    marked: bool
    """Part of the statement that the finding is about."""
    start: int = 0
    """First column (0-based, in characters of `text`) of what to look at."""
    end: int = 0
    """Behind its last column; equal to `start` where nothing is underlined."""


def source_frame(
    lines: Sequence[str], place: Place, end_line: int = 0, *, before: int = 2, after: int = 1
) -> tuple[FrameLine, ...]:
    """The lines around `place`; empty where the file cannot be read or is shorter by now."""
    if not 1 <= place.line <= len(lines):
        return ()
    last = min(max(end_line, place.line), place.line + _MOST_LINES - 1, len(lines))
    first = max(1, place.line - before)
    frame = [
        _frame_line(cover(lines[number - 1], place.path), number, place, last)
        for number in range(first, min(last + after, len(lines)) + 1)
    ]
    return tuple(_without_blank_edges(frame))


def _frame_line(line: str, number: int, place: Place, last: int) -> FrameLine:
    marked = place.line <= number <= last
    if number != place.line:
        return FrameLine(number=number, text=_clipped(_plain(line)), marked=marked)
    start, end = underlined(line, place.column)
    before, within = _spelled(line[:start]), _spelled(line[:end])
    text = _plain(line)
    offset = _offset(len(before), len(text))
    if offset:
        text = f"…{text[offset:]}"
        offset -= 1
    text = _clipped(text)
    first = min(len(before) - offset, len(text))
    return FrameLine(
        number=number,
        text=text,
        marked=marked,
        start=first,
        end=max(min(len(within) - offset, len(text)), first),
    )


def underlined(line: str, column: int) -> tuple[int, int]:
    """The part of a line that a column points at, as 0-based start and end.

    A name with the brackets that follow it; the rest of the line behind a keyword or a
    bracket that stays open.
    """
    end_of_code = len(line.rstrip())
    indent = len(line) - len(line.lstrip())
    start = min(max(column - 1, indent), max(end_of_code - 1, 0))
    name = _NAME.match(line, start)
    if name is None or iskeyword(name.group()):
        return start, end_of_code
    end = name.end()
    while end < end_of_code and line[end] in _OPEN:
        close = _closing(line, end)
        if close < 0:
            return start, end_of_code
        tail = re.compile(r"[\w.]*").match(line, close + 1)
        end = tail.end() if tail else close + 1
    return start, end


def _closing(line: str, opening: int) -> int:
    expected: list[str] = []
    quote = ""
    for position in range(opening, len(line)):
        character = line[position]
        if quote:
            quote = "" if character == quote and line[position - 1] != "\\" else quote
        elif character in "\"'":
            quote = character
        elif character in _OPEN:
            expected.append(_OPEN[character])
        elif character in _OPEN.values():
            if expected.pop() != character:
                return -1
            if not expected:
                return position
    return -1


def _offset(column: int, length: int) -> int:
    """How much to cut on the left so that a far column is seen."""
    if length <= _LONGEST or column < _LONGEST - 40:
        return 0
    return column - 40


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _plain(line: str) -> str:
    return _spelled(line.rstrip())


def _spelled(line: str) -> str:
    return visible(line.expandtabs(_TAB))


def _without_blank_edges(frame: list[FrameLine]) -> list[FrameLine]:
    while frame and not frame[0].text and not frame[0].marked:
        frame = frame[1:]
    while frame and not frame[-1].text and not frame[-1].marked:
        frame = frame[:-1]
    return frame
