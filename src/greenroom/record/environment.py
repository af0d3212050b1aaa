"""How a run is announced to the processes that take part in it: by variables of the environment."""

import json
import os
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

RUN = "GREENROOM_RUN"
"""The folder of the run: who finds it set takes part."""
WITHOUT = "GREENROOM_WITHOUT"
"""Names of sensors that stay off, separated by commas."""
WITH = "GREENROOM_WITH"
"""Names of sensors that are off unless they are asked for, separated by commas."""
SEED = "GREENROOM_SEED"
"""Of a run that may be repeated: what chance decides in it, and its order where `SHUFFLE` is set."""
SHUFFLE = "GREENROOM_SHUFFLE"
ONLY = "GREENROOM_ONLY"
"""A JSON list of the only tests to run, in their order."""
CURRENT_TEST = "PYTEST_CURRENT_TEST"
"""Set by pytest itself while a test runs: a process that finds it was started by that test."""

PREFIX = "GREENROOM_PREFIX"
"""Where pytest's root lies below the project's, as `backend/`: our ids begin at the project's root."""

CHILD_FOLDER = str(Path(__file__).with_name("child"))
"""On the path of Python, it has every Python process of the run look for `RUN`."""


def announce(environment: MutableMapping[str, str], folder: str) -> None:
    """Have the processes that are started with this environment take part."""
    environment[RUN] = folder
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    if CHILD_FOLDER not in paths:
        environment["PYTHONPATH"] = os.pathsep.join([CHILD_FOLDER, *(path for path in paths if path)])


def withdraw(environment: MutableMapping[str, str]) -> None:
    """Undo `announce`."""
    environment.pop(RUN, None)
    environment.pop(PREFIX, None)
    paths = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path != CHILD_FOLDER]
    if any(paths):
        environment["PYTHONPATH"] = os.pathsep.join(paths)
    else:
        environment.pop("PYTHONPATH", None)


def is_inside_a_test(environment: MutableMapping[str, str]) -> bool:
    """Whether a test of the recorded suite started this process, or this second pytest in its own process."""
    return RUN in environment and CURRENT_TEST in environment


def is_of_pytest() -> bool:
    """Whether pytest runs the tests of this process, and the recorder inside it is loaded."""
    return "greenroom.pytest_plugin.recorder" in sys.modules


def current_test(environment: MutableMapping[str, str]) -> str:
    """The id of the test that runs; empty where none does."""
    nodeid, _, _ = environment.get(CURRENT_TEST, "").rpartition(" (")
    return environment.get(PREFIX, "") + nodeid if nodeid else ""


def without(environment: MutableMapping[str, str]) -> list[str]:
    """The names of the sensors that stay off."""
    return _names(environment, WITHOUT)


def also(environment: MutableMapping[str, str]) -> list[str]:
    """The names of the sensors that are wanted beside the usual ones."""
    return _names(environment, WITH)


def only(environment: Mapping[str, str]) -> list[str]:
    """The ids of the only tests to run; empty: all."""
    return [str(test) for test in json.loads(environment.get(ONLY, "[]"))]


def _names(environment: MutableMapping[str, str], variable: str) -> list[str]:
    return [name.strip() for name in environment.get(variable, "").split(",") if name.strip()]
