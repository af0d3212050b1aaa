"""The scripts that stand in YAML: continuous integration, compose, task files."""

import posixpath
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

Node = Any
"""A node as yaml composes it: unlike plain data, it knows its line."""

_SCRIPT_KEYS = ("run", "before_script", "script", "commands", "command", "bash", "cmds", "cmd", "entry")
_ONE_COMMAND = frozenset({"command", "cmd", "entry"})
"""Where a list is the words of one command."""
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
    import yaml  # noqa: PLC0415 - only for files that mention a test runner

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        documents = list(yaml.compose_all(text, Loader=loader))
    except (yaml.YAMLError, RecursionError):
        return  # a template, such as Helm's
    for document in documents:
        if document is not None:
            yield from _visit(document, directory, directory, set())


def _visit(node: Node, base: str, directory: str, seen: set[int]) -> Iterator[Script]:
    if id(node) in seen:  # an anchor: its scripts are told once
        return
    seen.add(id(node))
    if node.id == "sequence":
        for item in node.value:
            yield from _visit(item, base, directory, seen)
    elif node.id == "mapping":
        yield from _visit_mapping(node, base, directory, seen)


def _visit_mapping(node: Node, base: str, directory: str, seen: set[int]) -> Iterator[Script]:
    entries = {key.value: value for key, value in node.value if key.id == "scalar"}
    directory = _default_folder(entries, base) or directory
    own = _own_folder(entries, base) or directory
    for key in _SCRIPT_KEYS:
        if key == "script" and {"before_script", "script"} <= entries.keys():
            yield from _sequence([*_lines(entries["before_script"]), *_lines(entries["script"])], own)
        elif key in entries:
            yield from _scripts(entries[key], own, one_command=key in _ONE_COMMAND)
    for value in entries.values():
        yield from _visit(value, base, own, seen)


def _default_folder(entries: dict[str, Node], base: str) -> str:
    """GitHub's `defaults: run: working-directory:`."""
    inner = entries
    for key in ("defaults", "run"):
        node = inner.get(key)
        if node is None or node.id != "mapping":
            return ""
        inner = {part.value: value for part, value in node.value if part.id == "scalar"}
    return _own_folder(inner, base)


def _own_folder(entries: dict[str, Node], base: str) -> str:
    for key in _FOLDER_KEYS:
        node = entries.get(key)
        if node is not None and node.id == "scalar" and not node.value.startswith(("/", "~", "$")):
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
