"""Who does something right now: which test, which fixture, which library on their behalf."""

import sys
from types import FrameType
from typing import NamedTuple

from greenroom.model.place import Place
from greenroom.record.project_code import ProjectCode, symbol_of
from greenroom.record.sensor import RunningTest
from greenroom.record.test_function import code_of

_TOOLS = {
    "pytest_mock": "pytest-mock", "pytest_httpx": "pytest-httpx", "pytest_responses": "responses",
    "aioresponses": "aioresponses", "fakeredis": "fakeredis", "httpretty": "httpretty", "mongomock": "mongomock",
    "moto": "moto", "pook": "pook", "requests_mock": "requests-mock", "responses": "responses", "respx": "respx",
    "vcr": "vcrpy", "freezegun": "freezegun", "time_machine": "time-machine", "pyfakefs": "pyfakefs",
}  # fmt: skip
"""Libraries that replace on a test's behalf, by the name of their package."""

_TESTS_BEGIN = frozenset({
    "pytest_pyfunc_call", "pytest_runtest_call", "_callTestMethod", "_callSetUp", "_callTearDown", "_callCleanup",
    "_handleClassSetUp", "_tearDownPreviousClass", "_handleModuleFixture", "_handleModuleTearDown",
})  # fmt: skip
"""Functions of runners, below which there is no test on the stack."""


_CARRIERS = frozenset({
    "unittest", "contextlib", "functools", "greenroom", "asyncio", "uvloop", "trio", "anyio", "pytest_asyncio",
    "_pytest", "pluggy", "hypothesis",
})  # fmt: skip
"""Packages that only carry a decorated test to where it begins."""


class Origin(NamedTuple):
    """Who, where, and by means of what."""

    by: str
    """The fixture or test function; empty where a library does it of its own accord."""
    place: Place | None
    tool: str
    """The library of doubles that was asked to do it; empty: none."""


def origin_of(frame: FrameType | None, code: ProjectCode, test: RunningTest | None) -> Origin:
    """Read it from the stack; a decorated test is not on it yet, and a library's fixture is named by pytest."""
    by = tool = ""
    is_carried = True
    place = None
    while frame is not None:
        top = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if code.relative(frame.f_code.co_filename):
            place = place or code.place_of(frame)
            by = symbol_of(frame.f_code).rpartition(".")[2]
        elif frame.f_code.co_name == "pytest_fixture_setup":
            fixture = frame.f_locals.get("fixturedef")
            by = by or str(getattr(fixture, "argname", ""))
            break
        elif frame.f_code.co_name in _TESTS_BEGIN:
            break
        elif place is None:
            tool = _TOOLS.get(top, tool)
            is_carried = is_carried and (top in _CARRIERS or top in _TOOLS)
        frame = frame.f_back
    written = code_of(test.function) if test is not None else None
    if not by and not is_carried:
        return Origin("", None, tool)
    if not by and written is not None:
        by = symbol_of(written).rpartition(".")[2]
    if place is None and written is not None and code.owns(written):
        place = Place(
            path=code.relative(written.co_filename), line=written.co_firstlineno, symbol=symbol_of(written)
        )
    return Origin(by, place, tool)


def caller(depth: int) -> FrameType | None:
    """The frame so many calls above the caller; None where the stack ends before."""
    try:
        return sys._getframe(depth + 1)  # noqa: SLF001  - there is no other way to one's caller
    except ValueError:
        return None
