"""Branches on an option that is off wherever the project sets it: `if app.config.get("TILES"):`, and all say `TILES = None`."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_HOLDS_OPTIONS: Final = re.compile(r"(?:^|\.)(?:config|conf|settings|options)$", re.IGNORECASE)
_OPTION: Final = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+")
_OFF: Final = re.compile(
    r"[\"']?\]?\s*[:=]\s*(?:None|null|False|false|\"\"|'')[ \t]*[,)]*[ \t]*(?:#.*)?$", re.MULTILINE
)
_ASKS: Final = re.compile(r"[\"']\s*[,)]|[ \t]*[),:]|[ \t]+(?:and|or|is|in|else|if)\b|[\"']\](?!\s*=[^=])")
_FEWEST: Final = 2
"""Files: the default, and at least one configuration that leaves it so."""


def is_left_off(project: Project, scope: Scope, block: int) -> bool:
    """Whether it stands under the question for an option that the default and every configuration leave at nothing."""
    options = project.once(_Options)
    return any(options.are_off(name) for name in _names(scope, block))


class _Options:
    """Of one project; all of its files are read for a name, once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, bool] = {}

    def are_off(self, name: str) -> bool:
        """Whether each line that says the name leaves it off or asks for it, and several files leave it off."""
        if name not in self._known:
            self._known[name] = _is_off_everywhere(self._project, name)
        return self._known[name]


def _names(scope: Scope, block: int) -> Iterator[str]:
    for found in scope.body.enclosing(block):
        if found.kind == "if":
            base, name = _asked(scope, found.detail)
            if _HOLDS_OPTIONS.search(base) and _OPTION.fullmatch(name):
                yield name


def _asked(scope: Scope, test: Expression) -> tuple[str, str]:
    """What holds the option, and its name: `app.config.get("TILES")`, `settings.TILES`."""
    if isinstance(test, str):
        base, _, name = test.rpartition(".")
        return base, name
    call = scope.body.calls[test] if type(test) is int else None
    if call is None or not isinstance(call.callee, str) or len(call.arguments) != 1 or call.keywords:
        return "", ""
    base, _, method = call.callee.rpartition(".")
    name = facts.constant(call.arguments[0])
    return (base, name) if method == "get" and isinstance(name, str) else ("", "")


def _is_off_everywhere(project: Project, name: str) -> bool:
    inventory = project.inventory
    modules = [part.path for part in project.modules.values() if part.kind is not FileKind.TEST]
    said, off = re.compile(rf"\w*{name}\w*"), set()
    for path in dict.fromkeys((*modules, *inventory.other, *inventory.documents)):
        text = inventory.read_text(path)
        for found in said.finditer(text):
            if found[0] == name and _OFF.match(text, found.end()):
                off.add(path)
            elif found[0] != name or not _ASKS.match(text, found.end()):
                return False
    return len(off) >= _FEWEST
