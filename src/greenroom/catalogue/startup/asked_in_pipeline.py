"""Images that a pipeline builds, starts and asks: under a tag, with compose or without."""

import posixpath
import re
from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.startup.composed_tests import PIPELINE, RUNS_TESTS, WAITS
from greenroom.project.code.module import Module
from greenroom.project.project import Project

_JOINED: Final = re.compile(r"\\\n\s*")
_VARIABLE: Final = re.compile(r"\$\{\{\s*env\.(\w+)\s*\}\}|\$\{(\w+)\}|\$(\w+)")
_LEFT_OPEN: Final = re.compile(r"\$\{\{[^}]*\}\}|\$\{[^}]*\}|\$\w+")
_GIVEN: Final = re.compile(r"^\s*(?:-\s+|export\s+)?([A-Z]\w*)(?::\s*|=)[\"']?([^\s\"']+)", re.MULTILINE)
_BUILD: Final = re.compile(r"^[^#\n]*\bdocker (?:buildx )?build\b([^\n|&;]*)", re.MULTILINE)
_ACTION: Final = re.compile(
    r"uses:\s*docker/build-push-action[^\n]*\n((?:(?!\s*-\s+(?:name|uses|run):)[^\n]*\n?)*)"
)
_FIELD: Final = re.compile(r"^\s*(context|file):\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
_TAGS: Final = re.compile(r"^\s*tags:\s*\|?\s*[\"']?([^\s\"',]+)", re.MULTILINE)
_TAG: Final = re.compile(r"(?:^|\s)(?:-t|--tag)[ =][\"']?([^\s\"']+)")
_FILE: Final = re.compile(r"(?:^|\s)(?:-f|--file)[ =][\"']?([^\s\"']+)")
_RUN: Final = re.compile(r"^[^#\n]*\bdocker run\b([^\n]*)", re.MULTILINE)
_UP: Final = re.compile(r"^[^#\n]*\bdocker[- ]compose\b[^\n]*?\bup\b", re.MULTILINE)
_ENDS_WITH_TESTS: Final = re.compile(r"--abort-on-container-exit|--exit-code-from")


class AskedInPipeline:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._composed = {
            _base(service.image)
            for compose in project.configuration.compose.values()
            for service in compose.services.values()
            if service.image
        }
        texts = (
            project.inventory.read_text(path) for path in project.inventory.other if PIPELINE.search(path)
        )
        self._recipes = {recipe for text in texts if "docker" in text for recipe in self._asked(text)}
        self._modules = {
            process.module
            for process in (project.processes if self._recipes else ())
            if process.path in self._recipes
        }

    def starts(self, path: str) -> bool:
        """Whether it is the recipe of an image that a pipeline starts and asks."""
        return path in self._recipes

    def serves(self, module: Module) -> bool:
        """Whether such an image starts the module."""
        return module in self._modules

    def _asked(self, written: str) -> Iterator[str]:
        text = _filled_in(_JOINED.sub(" ", written))
        for name, recipe in _built(text):
            started = [found.start() for found in _RUN.finditer(text) if _mentions(found[1], name)]
            if name in self._composed:
                started += [found.start() for found in _UP.finditer(text)]
            if any(part.search(text, at) for at in started for part in (WAITS, RUNS_TESTS, _ENDS_WITH_TESTS)):
                yield recipe


def _filled_in(text: str) -> str:
    given = dict(_GIVEN.findall(text))
    return _VARIABLE.sub(lambda found: given.get(found[1] or found[2] or found[3], found[0]), text)


def _built(text: str) -> Iterator[tuple[str, str]]:
    """The name of each image that is built, and its recipe."""
    for found in _BUILD.finditer(text):
        tag, file = _TAG.search(found[1]), _FILE.search(found[1])
        words = _FILE.sub("", _TAG.sub("", found[1])).split()
        if tag and words:
            yield from _named(tag[1], words[-1], file[1] if file else "")
    for found in _ACTION.finditer(text):
        fields, tag = dict(_FIELD.findall(found[1])), _TAGS.search(found[1])
        if tag:
            yield from _named(tag[1], fields.get("context", "."), fields.get("file", ""))


def _named(tag: str, context: str, file: str) -> Iterator[tuple[str, str]]:
    name = _base(tag)
    if name:
        yield name, posixpath.normpath(file or f"{context}/Dockerfile")


def _base(image: str) -> str:
    """`vpn` of `ghcr.io/acme/vpn:${TAG}`; empty where it is not said."""
    return (
        _LEFT_OPEN.sub("", image).rpartition("/")[2].partition("@")[0].partition(":")[0].strip("\"'").lower()
    )


def _mentions(words: str, name: str) -> bool:
    return any(_base(word) == name for word in words.split())
