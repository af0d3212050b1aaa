"""The files of Terraform of one folder: its locals, its variables, and what each name in it stands for."""

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from greenroom.project.settings.terraform.tokens import HclError
from greenroom.project.settings.terraform.tree import Block, Value, read_body

_DEEPEST: Final = 8
_AS_IT_IS: Final = frozenset({"tostring", "sensitive", "nonsensitive", "trimspace", "chomp"})
_LOADED: Final = ("terraform.tfvars", ".auto.tfvars")
"""Ends of the names of files that nobody has to name."""


class Written(NamedTuple):
    """A text, and where it is written."""

    text: str
    path: str
    line: int


class Meant(NamedTuple):
    """An expression, and the file and folder whose names it uses."""

    value: Value
    path: str
    folder: "Folder"


class Folder:
    """One root or child module."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.blocks: list[tuple[str, Block]] = []
        """With the file that holds each."""
        self.callers: list[tuple[str, Block, Folder]] = []
        """Blocks `module` elsewhere that use this folder."""
        self._locals: dict[str, tuple[str, Value]] = {}
        self._defaults: dict[str, tuple[str, Value]] = {}
        self._loaded: dict[str, tuple[str, Value]] = {}
        self.varied: set[str] = set()
        """Variables that some file or environment of a deployment sets that is not always loaded."""

    def take(self, path: str, body: Block) -> None:
        """Add a file of the folder."""
        for block in body.blocks:
            self.blocks.append((path, block))
            if block.kind == "locals":
                self._locals.update({name: (path, value) for name, value in block.attributes.items()})
            elif block.kind == "variable" and block.labels and "default" in block.attributes:
                self._defaults[block.labels[0]] = path, block.attributes["default"]

    def take_values(self, path: str, body: Block) -> None:
        """Add a file `.tfvars` that stands here or below."""
        if path.endswith(_LOADED) and posixpath.dirname(path) == self.path:
            self._loaded.update({name: (path, value) for name, value in body.attributes.items()})
        else:
            self.varied.update(body.attributes)

    def meanings(self, name: str) -> list[Meant]:
        """What `local.…` and `var.…` stand for; nothing where nobody here can tell."""
        kind, _, rest = name.partition(".")
        own = rest.partition(".")[0]
        if own != rest or kind not in ("local", "var"):
            return []
        if kind == "local":
            found = self._locals.get(own)
        elif own in self._loaded:
            found = self._loaded[own]
        else:
            given = [
                (path, block.attributes[own], folder)
                for path, block, folder in self.callers
                if own in block.attributes
            ]
            if given:
                return [Meant(value, path, folder) for path, value, folder in given]
            found = None if own in self.varied else self._defaults.get(own)
        return [Meant(found[1], found[0], self)] if found is not None else []

    def written(self, value: Value, path: str, depth: int = 0) -> Written | None:
        """The text that an expression is, where it stands in files; None where a part of it stays open."""
        if depth > _DEEPEST:
            return None
        if value.kind == "text":
            return Written(value.text, path, value.line)
        if value.kind == "call" and value.text in _AS_IT_IS and len(value.parts) == 1:
            return self.written(value.parts[0], path, depth + 1)
        if value.kind == "template":
            return self._filled_in(value, path, depth)
        meant = self.meanings(value.text) if value.kind == "name" else []
        return meant[0].folder.written(meant[0].value, meant[0].path, depth + 1) if len(meant) == 1 else None

    def _filled_in(self, value: Value, path: str, depth: int) -> Written | None:
        """A template; of one that is nothing but an insertion, the place of what is inserted."""
        inside = [part for part in value.parts if part.kind != "text" or part.text]
        if len(inside) == 1:
            return self.written(inside[0], path, depth + 1)
        parts = [self.written(part, path, depth + 1) for part in inside]
        known = [part.text for part in parts if part is not None]
        return Written("".join(known), path, value.line) if len(known) == len(parts) else None


def read_folders(paths: Iterable[str], read: Callable[[str], str], given: Iterable[str]) -> list[Folder]:
    """The folders with files of Terraform; those that cannot be read are left out.

    `given` are names of variables `TF_VAR_…` that some environment of the project sets.
    """
    found: dict[str, Folder] = {}
    values: list[tuple[str, Block]] = []
    for path in paths:
        body = _body(read(path))
        if body is None:
            continue
        if path.endswith(".tfvars"):
            values.append((path, body))
        else:
            folder = posixpath.dirname(path)
            found.setdefault(folder, Folder(folder)).take(path, body)
    for path, body in values:
        for folder in _above(posixpath.dirname(path)):
            if folder in found:
                found[folder].take_values(path, body)
                break
    _join(found)
    names = {name.removeprefix("TF_VAR_") for name in given if name.startswith("TF_VAR_")}
    for each in found.values():
        each.varied |= names
    return list(found.values())


def _body(text: str) -> Block | None:
    try:
        return read_body(text)
    except HclError:
        return None


def _above(folder: str) -> Iterator[str]:
    yield folder
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _join(folders: dict[str, Folder]) -> None:
    """Tell each module who uses it."""
    users: dict[str, list[tuple[str, Block, Folder]]] = defaultdict(list)
    for folder in folders.values():
        for path, block in folder.blocks:
            source = block.attributes.get("source") if block.kind == "module" else None
            if source is not None and source.text.startswith("."):
                target = posixpath.normpath(posixpath.join(folder.path, source.text))
                users["" if target == "." else target].append((path, block, folder))
    for target, listed in users.items():
        if target in folders:
            folders[target].callers = listed
