"""What the documentation of a library shows, in a handler: `documented_calls.toml` says what the rules must see there."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from greenroom.catalogue.dependency.missing_timeout import MODE as MISSING_TIMEOUT
from greenroom.catalogue.event_loop.blocking_call import MODE as BLOCKING_CALL
from greenroom.model.mode import FailureMode
from greenroom.model.settings import Settings
from greenroom.project.project import Project, read_project
from tests.conftest import WriteProject

LIBRARIES: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("documented_calls.toml").read_text("utf-8")
)

each_library = pytest.mark.parametrize("name", list(LIBRARIES))


def in_handlers(library: dict[str, Any], calls: list[str], write_project: WriteProject) -> Project:
    """An application with a handler for each call."""
    handlers = [
        f'@app.get("/{number}")\nasync def handler_{number}(given: str):\n    {call}\n'
        for number, call in enumerate(calls)
    ]
    text = "\n\n".join(["from fastapi import FastAPI", library["before"], "app = FastAPI()", *handlers])
    return read_project(write_project({"app/main.py": text}), Settings())


def subjects(project: Project, calls: list[str], mode: FailureMode) -> dict[str, set[str]]:
    """The symbols of what is found, by the call of the handler where it stands."""
    found: dict[str, set[str]] = {call: set() for call in calls}
    assert mode.detector is not None
    for sighting in mode.detector(project):
        for place in (sighting.place, *sighting.sites):
            if place.symbol.startswith("handler_"):
                found[calls[int(place.symbol.removeprefix("handler_"))]].add(sighting.subject)
    return found


@each_library
def test_what_blocks_is_found_in_a_handler(name: str, write_project: WriteProject) -> None:
    library = LIBRARIES[name]
    calls = list(library["blocks"])

    found = subjects(in_handlers(library, calls, write_project), calls, BLOCKING_CALL)

    assert {call: found[call] & {symbol} for call, symbol in library["blocks"].items()} == {
        call: {symbol} for call, symbol in library["blocks"].items()
    }


@each_library
def test_what_is_lazy_or_awaited_is_not(name: str, write_project: WriteProject) -> None:
    library = LIBRARIES[name]
    calls = list(library.get("lazy", []))

    assert subjects(in_handlers(library, calls, write_project), calls, BLOCKING_CALL) == {
        call: set() for call in calls
    }


@each_library
def test_what_has_no_limit_is_found(name: str, write_project: WriteProject) -> None:
    library = LIBRARIES[name]
    calls = [*library.get("unlimited", []), *library.get("limited", [])]

    found = subjects(in_handlers(library, calls, write_project), calls, MISSING_TIMEOUT)

    assert [call for call in calls if found[call]] == library.get("unlimited", [])
