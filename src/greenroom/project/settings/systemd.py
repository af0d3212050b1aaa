"""Units of systemd: the variables that they give to what they start."""

import re
import shlex
from collections.abc import Iterator
from typing import Final

from greenroom.project.settings.env_files import Line

_ENVIRONMENT: Final = re.compile(r"^Environment\s*=\s*(.+)$")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")


def is_unit(path: str) -> bool:
    """Whether a file's name says that it is a service of systemd."""
    return path.endswith(".service")


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """The lines, each with the number of its first: a backslash at the end goes on in the next one."""
    number, held = 1, ""
    for at, line in enumerate(text.splitlines(), start=1):
        number = number if held else at
        held += line.removesuffix("\\") + (" " if line.endswith("\\") else "")
        if not line.endswith("\\"):
            yield number, held
            held = ""
    if held:
        yield number, held


def read_unit(text: str) -> Iterator[Line]:
    """`Environment="HOST=0.0.0.0" PORT=80`, assignment by assignment."""
    for number, line in lines_of(text):
        found = _ENVIRONMENT.match(line)
        for word in _words(found[1]) if found else ():
            name, separator, value = word.partition("=")
            if separator and _NAME.fullmatch(name):
                yield Line(name, value, number)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quotation mark that nothing closes
        return []
