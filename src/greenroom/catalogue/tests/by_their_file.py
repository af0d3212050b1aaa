"""Tests that the project starts as programs: `python checks/test_size.py`."""

import posixpath
import re

from greenroom.project.code.facts import last_name
from greenroom.project.code.module import Module
from greenroom.project.project import Project
from greenroom.project.testing.items import Item
from greenroom.project.testing.scripts import is_script


def are_started_by_hand(project: Project, items: list[Item]) -> bool:
    """Whether each is awaited by the `__main__` part of its file, and a page starts files of the folder by Python."""
    modules = {item.module for item in items}
    return (
        all(is_script(module) for module in modules)
        and all(_calls(item) for item in items)
        and all(_is_told(project, module) for module in modules)
    )


def _calls(item: Item) -> bool:
    return any(
        last_name(call.callee) == item.function.name
        for scope in item.module.scopes
        if scope is not item.function
        for call in scope.body.calls
    )


def _is_told(project: Project, module: Module) -> bool:
    folder, name = posixpath.split(module.path)
    near = rf"(?:[\w./-]*/)?{re.escape(posixpath.basename(folder))}/\w+\.py|" if folder else ""
    command = re.compile(rf"\bpython3?\s+(?:{near}(?:[\w./-]*/)?{re.escape(name)})")
    inventory = project.inventory
    return any(command.search(inventory.read_text(path)) for path in inventory.documents)
