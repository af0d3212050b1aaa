"""Dockerfiles: stages with their variables and what they start."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from greenroom.project.files.notations import parse_json
from greenroom.project.settings.env_files import Line, unquoted

_FILE: Final = re.compile(r"(?:^|/)(?:[^/]*[.-])?(?:docker|container)file(?:[.-][^/]*)?$", re.IGNORECASE)
_INSTRUCTION: Final = re.compile(r"^\s*([A-Za-z]+)\s+(.*)$", re.DOTALL)
_PAIR: Final = re.compile(r"([A-Za-z_]\w*)=(\"(?:\\.|[^\"])*\"|'[^']*'|(?:\\\s|[^\s])*)")
_FROM: Final = re.compile(r"^(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?\s*$", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class Stage:
    """What stands between two `FROM`s."""

    name: str
    base: str
    line: int
    env: dict[str, Line] = field(default_factory=dict)
    args: dict[str, Line] = field(default_factory=dict)
    command: tuple[str, int] = ("", 0)
    """CMD and the line on which it stands."""
    entrypoint: tuple[str, int] = ("", 0)
    healthcheck: tuple[str, int] = ("", 0)
    copied: list[str] = field(default_factory=list)
    """What COPY and ADD take from the build's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One Dockerfile."""

    path: str
    stages: tuple[Stage, ...]

    def built(self, target: str = "") -> tuple[Stage, ...]:
        """The stage that is built and those that it is built on, the outermost last."""
        by_name = {stage.name.lower(): stage for stage in self.stages if stage.name}
        found = [by_name.get(target.lower(), self.stages[-1]) if target else self.stages[-1]]
        while (base := by_name.get(found[-1].base.lower())) is not None and base not in found:
            found.append(base)
        return tuple(found)


def is_dockerfile(path: str) -> bool:
    """Whether a file's name says so."""
    return _FILE.search(path) is not None and not path.endswith(
        (".md", ".sh", ".py", ".yml", ".yaml", ".dockerignore")
    )


def read_dockerfile(path: str, text: str) -> Image | None:
    """The stages of a Dockerfile; None where there is none."""
    stages: list[Stage] = []
    for name, rest, line in _instructions(text):
        if name == "FROM":
            parts = _FROM.match(rest)
            stages.append(
                Stage(name=(parts[2] or "") if parts else "", base=parts[1] if parts else "", line=line)
            )
        elif stages:
            _take(stages[-1], name, rest, line)
    return Image(path=path, stages=tuple(stages)) if stages else None


def _take(stage: Stage, name: str, rest: str, line: int) -> None:
    if name == "ENV":
        stage.env.update({part.name: part for part in _pairs(rest, line)})
    elif name == "ARG":
        for word in rest.split():
            key, _, value = word.partition("=")
            stage.args[key] = Line(key, unquoted(value), line)
    elif name == "CMD":
        stage.command = (rest, line)
    elif name == "ENTRYPOINT":
        stage.entrypoint, stage.command = (rest, line), ("", 0)
    elif name == "HEALTHCHECK":
        stage.healthcheck = (rest, line)
    elif name in ("COPY", "ADD") and "--from" not in rest:
        stage.copied.extend(word for word in rest.split()[:-1] if not word.startswith("--"))


def _pairs(rest: str, line: int) -> Iterator[Line]:
    found = list(_PAIR.finditer(rest))
    if not found:  # the old form: ENV NAME the whole rest
        name, _, value = rest.strip().partition(" ")
        yield Line(name, value.strip(), line)
    for part in found:
        yield Line(part[1], unquoted(part[2]), line + rest.count("\n", 0, part.start()))


def _instructions(text: str) -> Iterator[tuple[str, str, int]]:
    """Instruction, the rest with its line breaks, and the first line."""
    gathered: list[str] = []
    first = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#") or (not gathered and not line.strip()):
            if gathered:
                gathered.append("")
            continue
        first = first if gathered else number
        gathered.append(line.rstrip().removesuffix("\\").rstrip())
        if not line.rstrip().endswith("\\"):
            found = _INSTRUCTION.match("\n".join(gathered))
            if found:
                yield found[1].upper(), found[2], first
            gathered = []


def command_words(text: str) -> list[str]:
    """The words of a CMD, ENTRYPOINT or HEALTHCHECK in either of its forms."""
    text = text.strip()
    if text.startswith("["):
        try:
            listed = parse_json(text.replace("\n", " "))
        except ValueError:
            listed = []
        return [word for word in listed if isinstance(word, str)]
    try:
        return shlex.split(text, comments=False)
    except ValueError:
        return text.split()
