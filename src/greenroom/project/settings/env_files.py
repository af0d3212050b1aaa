"""Files of `NAME=value` lines: `.env`, its templates, and what `env_file:` names."""

import re
from typing import Final, NamedTuple

from greenroom.project.files.env_names import ENV_TEMPLATE

_FILE: Final = re.compile(
    r"(?:^|/)(?:\.env(?:rc)?(?:[._-][^/]*)?|[^/]*\.env|"
    r"(?!.*\.(?:py|[cm]?[jt]sx?|vue|html?|json5?|ya?ml|toml|md|rst|css|j2)$)"
    rf"(?:{ENV_TEMPLATE})|"
    r"[^/]*\.env[._-](?:prod(?:uction)?|dev(?:elopment)?|local|test))$",
    re.IGNORECASE,
)
_LINE: Final = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")
_COMMENTED: Final = re.compile(r"^\s*#+\s*(?:export\s+)?([A-Z][A-Z0-9_]{2,})\s*=")
_QUOTED: Final = re.compile(r"^(?P<mark>[\"'])(?P<text>.*?)(?<!\\)(?P=mark)\s*(?:#.*)?$")


class Line(NamedTuple):
    """One assignment."""

    name: str
    value: str
    line: int
    """1-based."""


def is_env_file(path: str) -> bool:
    """Whether a file's name says that it holds variables."""
    return _FILE.search(path) is not None


def read_lines(text: str) -> list[Line]:
    """The assignments in their order; a value of several lines counts where it begins."""
    found = []
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if inside:
            inside = "" if line.rstrip().endswith(inside) else inside
            continue
        part = _LINE.match(line)
        if part is None:
            continue
        value = part[2]
        mark = value[:1]
        if mark in "\"'" and mark and value.count(mark) == 1:
            inside = mark
        found.append(Line(part[1], unquoted(value), number))
    return found


def commented_names(text: str) -> set[str]:
    """The names of assignments that are commented out: a template's way to say that they may be set."""
    return {found[1] for line in text.splitlines() if (found := _COMMENTED.match(line))}


def unquoted(value: str) -> str:
    """Without quotation marks, and without a remark behind the value."""
    quoted = _QUOTED.match(value)
    if quoted is not None:
        return quoted["text"]
    return re.split(r"\s+#", value, maxsplit=1)[0].strip()
