"""Processes that tests start take part: they tell which lines they run, and see a changed file as their parent does."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from greenroom.campaign.inside.line_trace import CONTEXT, Context, LineTrace
from greenroom.campaign.messages import Order
from greenroom.record.project_code import ProjectCode

PART = "GREENROOM_PART"
"""Of the environment: the file that says what such a process has to do."""
FOLDER = str(Path(__file__).with_name("child"))
"""On the path of Python, it has every Python process look for `PART`."""
_ENVIRONMENT = 6
"""Place of the variables among the arguments of `Popen._execute_child`, without `self`."""
LINES = "lines.txt"
"""In the scratch folder: what they ran."""


def announce(order: Order, trace: LineTrace) -> None:
    """Have processes that are started or forked from here on tell which lines they run."""
    lines = str(Path(order.scratch) / LINES)
    _tell(Path(order.scratch), {"root": order.root, "wanted": order.wanted, "lines": lines})
    os.register_at_fork(after_in_child=lambda: trace.write_to(lines))


def have_them_changed(folder: Path, file: str, text: str) -> None:
    """Have processes that are started from here on see another text of a file; who is forked sees it anyway."""
    folder.mkdir(parents=True, exist_ok=True)
    _tell(folder, {"file": file, "text": text})


def _tell(folder: Path, part: dict[str, object]) -> None:
    file = folder / "part.json"
    file.write_text(json.dumps(part), encoding="utf-8")
    os.environ[PART] = str(file)
    _lead_through(os.environ)
    _insist(str(file))


def _lead_through(variables: MutableMapping[str, str]) -> None:
    """Have Python start with our folder."""
    paths = [path for path in variables.get("PYTHONPATH", "").split(os.pathsep) if path and path != FOLDER]
    variables["PYTHONPATH"] = os.pathsep.join([FOLDER, *paths])


def _insist(part: str) -> None:
    """Also processes that are given an environment of their own take part: what they run is what users run."""
    execute = subprocess.Popen._execute_child  # type: ignore[attr-defined]  # noqa: SLF001

    def execute_child(popen: Any, *given: Any, **words: Any) -> Any:
        variables = given[_ENVIRONMENT] if len(given) > _ENVIRONMENT else None
        if isinstance(variables, Mapping) and all(isinstance(name, str) for name in variables):
            changed = {**variables, PART: part, CONTEXT: os.environ.get(CONTEXT, "")}
            _lead_through(changed)
            given = (*given[:_ENVIRONMENT], changed, *given[_ENVIRONMENT + 1 :])
        return execute(popen, *given, **words)

    subprocess.Popen._execute_child = execute_child  # type: ignore[attr-defined]  # noqa: SLF001


def withdraw() -> None:
    """Leave the environment as it was before the campaign."""
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and path != FOLDER]
    os.environ.pop("PYTHONPATH", None)
    if paths:
        os.environ["PYTHONPATH"] = os.pathsep.join(paths)


def tell_lines(part: Mapping[str, Any]) -> None:
    """Tell the parent which lines run; called in the process that a test has started."""
    code = ProjectCode(part["root"])
    scripts = {code.relative(os.path.abspath(word)) for word in sys.orig_argv[1:] if word.endswith(".py")}  # noqa: PTH100

    def relative(name: str) -> str:
        path = code.relative(name)
        return "" if path in scripts else path  # a script is read by Python itself: no hook could change it

    trace = LineTrace({path: frozenset(lines) for path, lines in part["wanted"].items()}, relative)
    trace.context = Context(os.environ.get(CONTEXT, ""))
    trace.write_to(part["lines"])
    trace.start()
