"""Which environment's Python runs the tests, where more than one may be meant."""

import os
import re
import shutil
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

_RUNNERS = re.compile(r"py\.?test|python(?:3(?:\.\d+)?)?")
_SHEBANG = re.compile(
    r"#!\s*(/\S*python[\d.]*)\s*$|#!/bin/sh\s*\n'''exec' \"?(/[^\"\n]*python[\d.]*)\"? ", re.MULTILINE
)
"""How pip, uv and others say which Python runs a script; the second, where its path is long or has a space."""


def notice_of_command(command: Sequence[str]) -> str:
    """Which of two is run, where the name leads to another environment than ours and ours has it, too; else empty."""
    name = command[0]
    found = shutil.which(name) if _RUNNERS.fullmatch(name) else None
    own = Path(sys.executable).parent / name
    if found is None or not own.exists() or find_spec("pytest") is None:
        return ""
    python = found if name.startswith("python") else _interpreter_of(Path(found))
    if not python or _environment(python) == _environment(sys.executable):
        return ""
    return f"`{name}` is {found}, of another environment than greenroom's own; that one's is {own}"


def notice_of_interpreter(python: str) -> str:
    """The same for an interpreter that nobody named."""
    if find_spec("pytest") is None or _environment(python) == _environment(sys.executable):
        return ""
    return (
        f"the tests run with {python}, of the active environment; greenroom's own is {sys.executable}, "
        "and --python names another"
    )


def _interpreter_of(script: Path) -> str:
    """The Python that its first lines name; empty where these do not say, as in a shim."""
    try:
        with script.open("rb") as file:
            begin = os.fsdecode(file.read(1_000))
    except OSError:
        return ""
    named = _SHEBANG.match(begin)
    return (named[1] or named[2]) if named else ""


def _environment(python: str) -> str:
    """What tells environments apart: the folder of a virtual one; otherwise the interpreter, wherever links to it are."""
    folder = Path(python).absolute().parent.parent
    return os.path.realpath(folder if (folder / "pyvenv.cfg").exists() else python)
