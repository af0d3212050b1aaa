"""The commands by which the project runs its tests."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from greenroom.project.declared import recipes
from greenroom.project.declared.pipelines import Script, read_pipeline
from greenroom.project.declared.shell import MENTION, find_runs
from greenroom.project.files.inventory import Inventory

CommandSource = Literal["ci", "makefile", "tox", "nox", "package", "script", "docker", "readme"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCommand:
    """One call of a test runner, as it is written down somewhere in the project."""

    __test__ = False

    text: str
    """The whole line that it stands in."""
    path: str
    line: int
    source: CommandSource
    runner: str
    """pytest · unittest · django · tox · nox · nose · behave …"""
    arguments: tuple[str, ...]
    """After the runner, as a shell splits them; variables stay as they are written."""
    directory: str
    """The working directory relative to the root; `.` for the root."""
    variables: dict[str, str]
    """Environment variables that are set in front of the command."""


_SHEBANG = re.compile(r"#!.*sh\b")
_Reader = Callable[[str, str], Iterator[Script]]
_SCRIPT_FOLDERS = frozenset(
    {"scripts", "script", "bin", "tools", "ci", ".ci", ".github", "dev", "hack", "build", "docker"}
)


def _named(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# In this order: what runs at every push is better evidence than what a page says.
_READERS: tuple[tuple[re.Pattern[str], CommandSource, _Reader], ...] = (
    (_named(r"(?:docker-)?compose[^/]*\.ya?ml"), "docker", read_pipeline),
    (_named(r"taskfile\.ya?ml"), "makefile", read_pipeline),
    (_named(r"[^/]*\.ya?ml"), "ci", read_pipeline),
    (_named(r"jenkinsfile"), "ci", recipes.read_jenkinsfile),
    (_named(r"(?:gnu)?makefile|[^/]*\.mk|\.?justfile"), "makefile", recipes.read_makefile),
    (_named(r"tox\.ini|setup\.cfg"), "tox", recipes.read_tox),
    (_named(r"tox\.toml"), "tox", recipes.read_toml),
    (_named(r"pyproject\.toml|pixi\.toml"), "package", recipes.read_toml),
    (_named(r"package\.json"), "package", recipes.read_package),
    (_named(r"(?:[^/]*[.-])?(?:docker|container)file(?:[.-][^/]*)?"), "docker", recipes.read_dockerfile),
    (
        _named(r"readme[^/]*|contributing[^/]*|(?:development|agents|claude)\.(?:md|rst)"),
        "readme",
        recipes.read_readme,
    ),
    (_named(r"noxfile\.py"), "nox", recipes.read_tasks_file),
    (_named(r"tasks\.py|fabfile\.py"), "script", recipes.read_tasks_file),
    (_named(r"[^/]*\.(?:sh|bash|zsh)|[^./]+"), "script", recipes.read_shell),
)
_ORDER: tuple[CommandSource, ...] = ("ci", "makefile", "tox", "nox", "package", "script", "docker", "readme")


def read_commands(inventory: Inventory) -> tuple[TestCommand, ...]:
    """Every test command of the project; those of continuous integration first."""
    names = {"noxfile.py", "tasks.py", "fabfile.py"}
    python = [file.path for file in inventory.files if file.path.rpartition("/")[2] in names]
    found = [command for path in (*inventory.other, *python) for command in _read(path, inventory)]
    unique = {
        (command.path, command.line, command.runner, command.arguments, command.directory): command
        for command in found
    }
    return tuple(
        sorted(
            unique.values(), key=lambda command: (_ORDER.index(command.source), command.path, command.line)
        )
    )


def _read(path: str, inventory: Inventory) -> Iterator[TestCommand]:
    folder, _, name = path.rpartition("/")
    for pattern, source, reader in _READERS:
        if pattern.fullmatch(name):
            text = inventory.read_text(path)
            if MENTION.search(text) and ("." in name or source != "script" or _SHEBANG.match(text)):
                with suppress(
                    RecursionError, MemoryError
                ):  # nested deeper than its parser, or than we, can go
                    yield from _commands(path, source, reader(text, _start(folder, source)))
            return


def _start(folder: str, source: CommandSource) -> str:
    """The folder in which the commands of a file are run, as far as its place tells."""
    parts = folder.split("/") if folder else []
    hidden = next((place for place, part in enumerate(parts) if part.startswith(".")), None)
    if source == "ci":
        return "/".join(parts[:hidden]) or "."
    while (
        source in ("script", "docker")
        and parts
        and (parts[-1] in _SCRIPT_FOLDERS or parts[-1].startswith("."))
    ):
        parts.pop()
    return "/".join(parts) or "."


def _commands(path: str, source: CommandSource, scripts: Iterator[Script]) -> Iterator[TestCommand]:
    for script in scripts:
        for run in find_runs(script.text, script.directory, strict=source == "readme"):
            yield TestCommand(
                text=run.text,
                path=path,
                line=script.line + run.line - 1,
                source=source,
                runner=run.runner,
                arguments=run.arguments,
                directory=run.directory,
                variables=dict(run.variables),
            )
