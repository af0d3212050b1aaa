"""Where a test noticed something: the line of the test that did not hold, rather than what it called."""

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import pytest

Relative = Callable[[str], str]
"""From a file's name to the path below the project's root; empty for what is not the project's."""


def noticed_at(item: pytest.Item, error: BaseException, relative: Relative) -> str:
    """`path:line` of the innermost frame in the test's own file, else in the project; empty where there is none."""
    return _innermost(item, _frames(error.__traceback__), relative)


def reported_at(item: pytest.Item, report: pytest.TestReport, relative: Relative) -> str:
    """The same of a report, whose error is in words already."""
    return _innermost(item, _entries(report.longrepr), relative)


def _innermost(item: pytest.Item, lines: Iterator[tuple[str, int]], relative: Relative) -> str:
    own = relative(str(item.path))
    found = [(path, line) for file, line in lines if (path := relative(file))]
    inside = [place for place in found if place[0] == own]
    path, line = (inside or found or [("", 0)])[-1]
    return f"{path}:{line}" if path else ""


def _frames(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


def _entries(words: Any) -> Iterator[tuple[str, int]]:
    for entry in getattr(getattr(words, "reprtraceback", None), "reprentries", ()):
        place = getattr(entry, "reprfileloc", None)
        if place is not None:
            yield str(place.path), int(place.lineno)
