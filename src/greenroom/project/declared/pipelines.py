"""The scripts that stand in YAML: continuous integration, compose, task files."""

import posixpath
import re
import shlex
from collections.abc import Iterator
from itertools import islice, product
from typing import Any, NamedTuple

from greenroom.project.files.notations import parse_yaml

Node = Any
"""A node as yaml composes it: unlike plain data, it knows its line."""

_SCRIPT_KEYS = ("run", "before_script", "script", "commands", "command", "bash", "cmds", "cmd", "entry")
_ONE_COMMAND = frozenset({"command", "cmd", "entry"})
"""Where a list is the words of one command."""
_OF_MATRIX = re.compile(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")
_MOST_JOBS = 64
_Axes = dict[str, tuple[str, ...]]
"""By name, the values that the jobs of a matrix are given."""
_FOLDER_KEYS = ("working-directory", "working_directory", "workingDirectory", "working_dir", "dir")


class Script(NamedTuple):
    """Shell text, and where it stands."""

    text: str
    line: int
    """1-based line of the file at which the text begins."""
    directory: str
    """Relative to the project's root; `.` for the root."""


def read_pipeline(text: str, directory: str) -> Iterator[Script]:
    """All scripts of a YAML file, whose commands start in `directory`."""
    try:
        documents = parse_yaml(text)
    except ValueError:
        return  # a template, such as Helm's
    for document in documents:
        if document is not None:
            yield from _visit(document, directory, directory, {}, set())


def _visit(node: Node, base: str, directory: str, axes: _Axes, seen: set[int]) -> Iterator[Script]:
    if id(node) in seen:  # an anchor: its scripts are told once
        return
    seen.add(id(node))
    if node.id == "sequence":
        for item in node.value:
            yield from _visit(item, base, directory, axes, seen)
    elif node.id == "mapping":
        yield from _visit_mapping(node, base, directory, axes, seen)


def _visit_mapping(node: Node, base: str, directory: str, axes: _Axes, seen: set[int]) -> Iterator[Script]:
    entries = _entries(node)
    axes = _axes(entries) or axes
    directory = _default_folder(entries, base, axes) or directory
    own = _own_folder(entries, base, axes) or directory
    for key in _SCRIPT_KEYS:
        if key == "script" and {"before_script", "script"} <= entries.keys():
            found = _sequence([*_lines(entries["before_script"]), *_lines(entries["script"])], own)
        elif key in entries:
            found = _scripts(entries[key], own, one_command=key in _ONE_COMMAND)
        else:
            continue
        for script in found:
            yield from _of_each_job(script, axes)
    for value in entries.values():
        yield from _visit(value, base, own, axes, seen)


def _entries(node: Node | None) -> dict[str, Node]:
    if node is None or node.id != "mapping":
        return {}
    return {key.value: value for key, value in node.value if key.id == "scalar"}


def _axes(entries: dict[str, Node]) -> _Axes:
    """What `strategy: matrix:` of a job of GitHub gives to its steps, `include` counted in."""
    matrix = _entries(_entries(entries.get("strategy")).get("matrix"))
    found: dict[str, list[str]] = {}
    for name, node in matrix.items():
        if node.id != "sequence":
            continue
        rows = node.value if name == "include" else ()
        pairs = [(name, node), *(pair for row in rows for pair in _entries(row).items())]
        for key, value in pairs:
            values = value.value if value.id == "sequence" else [value]
            found.setdefault(key, []).extend(part.value for part in values if part.id == "scalar")
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items() if values}


def _of_each_job(script: Script, axes: _Axes) -> Iterator[Script]:
    """The script as each job of the matrix runs it: `cd ${{ matrix.package }}` leads to several folders."""
    names = sorted(set(_OF_MATRIX.findall(script.text + script.directory)) & axes.keys())
    for values in islice(product(*(axes[name] for name in names)), _MOST_JOBS):
        known = dict(zip(names, values, strict=True))

        def spell(found: re.Match[str], known: dict[str, str] = known) -> str:
            return known.get(found[1], found[0])

        directory = posixpath.normpath(_OF_MATRIX.sub(spell, script.directory))
        yield Script(_OF_MATRIX.sub(spell, script.text), script.line, directory)


def _default_folder(entries: dict[str, Node], base: str, axes: _Axes) -> str:
    """GitHub's `defaults: run: working-directory:`."""
    return _own_folder(_entries(_entries(entries.get("defaults")).get("run")), base, axes)


def _own_folder(entries: dict[str, Node], base: str, axes: _Axes) -> str:
    for key in _FOLDER_KEYS:
        node = entries.get(key)
        if node is None or node.id != "scalar" or node.value.startswith(("/", "~")):
            continue
        variable = _OF_MATRIX.match(node.value)
        if not node.value.startswith("$") or (variable and variable[1] in axes):
            return posixpath.normpath(posixpath.join(base, node.value))
    return ""


def _scripts(node: Node, directory: str, *, one_command: bool) -> Iterator[Script]:
    lines = _lines(node)
    if node.id == "sequence" and lines and one_command:
        yield Script(shlex.join(item.value for item in lines), _first_line(lines[0]), directory)
    else:
        yield from _sequence(lines, directory)


def _lines(node: Node) -> list[Node]:
    if node.id == "scalar":
        return [node]
    return [item for item in node.value if item.id == "scalar"] if node.id == "sequence" else []


def _sequence(lines: list[Node], directory: str) -> Iterator[Script]:
    """One shell runs all of them, so a `cd` holds for what follows; line for line they stay apart."""
    if not lines:
        return
    first = _first_line(lines[0])
    text = ""
    for item in lines:
        missing = _first_line(item) - first - text.count("\n")
        text += "\n" * max(missing, 0) + item.value.rstrip("\n") + "\n"
    yield Script(text, first, directory)


def _first_line(node: Node) -> int:
    block = node.style in ("|", ">")
    return int(node.start_mark.line) + (2 if block else 1)
