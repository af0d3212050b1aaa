"""Whether a page of the documentation, or a script, gives the command that runs a file of tests; shared by the entries of this family."""

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property

from greenroom.project.declared.shell import MENTION
from greenroom.project.project import Project

_PAGES = (".md", ".mdx", ".rst", ".txt", ".adoc")
_STARTS = re.compile(
    r"\.(?:sh|bash|zsh)$|(?:^|/)(?:(?:gnu)?makefile|\.?justfile|jenkinsfile|[^/]*compose[^/]*\.ya?ml)",
    re.IGNORECASE,
)
_LEAVES_OUT = re.compile(r"^\s*#|ignore|omit|exclude|deselect|\brm\b")
_MOST_CHARACTERS = 400
"""Of a line: what is longer is data."""


class ToldInDocuments:
    """The lines of all pages that name a runner."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def names(self, path: str, *, folders: bool) -> bool:
        """Whether such a line names the file, from the root or from a folder around it; with `folders`, or one of these."""
        wanted = {*_ends(path), *(_around(posixpath.dirname(path)) if folders else ())}
        spelled = re.compile(
            "|".join(rf"(?<![\w./-])(?:\./)?{re.escape(part)}/?(?![\w./-])" for part in sorted(wanted))
        )
        return any(spelled.search(line) for line in self._lines) or self._is_started(path)

    def _is_started(self, path: str) -> bool:
        """Whether a script, a recipe or a service gives the very file to some program, by its path or as a module."""
        stem = path.removesuffix(".py")
        named = {*_ends(path), *(part.replace("/", ".") for part in _ends(stem))}
        spelled = re.compile(
            "|".join(rf"(?<![\w./-])(?:\./)?{re.escape(part)}(?![\w/-])" for part in sorted(named))
        )
        return any(spelled.search(line) for line in self._started)

    @cached_property
    def _started(self) -> tuple[str, ...]:
        inventory = self._project.inventory
        return tuple(
            line
            for path in inventory.other
            if _STARTS.search(path)
            for line in inventory.read_text(path).splitlines()
            if not _LEAVES_OUT.search(line)
        )

    @cached_property
    def _lines(self) -> tuple[str, ...]:
        return tuple(self._read())

    def _read(self) -> Iterator[str]:
        inventory = self._project.inventory
        for path in (*inventory.documents, *inventory.other):
            if path.lower().endswith(_PAGES):
                text = inventory.read_text(path)
                if MENTION.search(text):
                    yield from (
                        line
                        for line in text.splitlines()
                        if len(line) <= _MOST_CHARACTERS and MENTION.search(line)
                    )


def _ends(path: str) -> Iterator[str]:
    """The path as it is spelled in each of the folders around, with one folder at least."""
    while "/" in path:
        yield path
        path = path.partition("/")[2]


def _around(folder: str) -> Iterator[str]:
    """The folder and those above it, without the first: `pytest tests` says nothing of one test in it."""
    while "/" in folder:
        yield folder
        folder = posixpath.dirname(folder)
