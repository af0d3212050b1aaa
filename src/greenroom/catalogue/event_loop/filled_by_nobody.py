"""What asks for an attribute that nobody ever sets: `callback = getattr(self, "_callback", None)`, `if callback:`."""

import re
from collections.abc import Iterator

from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_GETATTR_ARGUMENTS = 3


def is_never_set(project: Project, scope: Scope, call: Call) -> bool:
    """Whether it stands under the question for such an attribute, whose name is written nowhere else."""
    return any(not _is_written_elsewhere(project, name) for name in _attributes_asked(scope, call))


def _attributes_asked(scope: Scope, call: Call) -> Iterator[str]:
    """The private names that `getattr` gives to what is asked around a call, with None in their place."""
    body = scope.body
    asked = {
        name for block in body.enclosing(call.block) if block.kind == "if" for name in _must_be(block.detail)
    }
    for part in body.statements:
        if part.kind != "assign" or type(part.value) is not int or asked.isdisjoint(part.target):
            continue
        given = body.calls[part.value]
        if given.callee != "getattr" or len(given.arguments) != _GETATTR_ARGUMENTS:
            continue
        name = facts.constant(given.arguments[1])
        if isinstance(name, str) and name.startswith("_") and facts.is_none(given.arguments[2]):
            yield name


def _must_be(test: facts.Expression) -> Iterator[str]:
    """`callback`, also in `callback and …`."""
    if isinstance(test, str):
        yield test
    elif isinstance(test, tuple) and test[0] == facts.EITHER and test[1] == "and":
        for part in test[2]:
            yield from _must_be(part)


def _is_written_elsewhere(project: Project, name: str) -> bool:
    """Whether any line but a `getattr` says it."""
    said = re.compile(rf"(?<![\w])(?:getattr\([\w.]+,\s*[\"'])?{re.escape(name)}\b")
    return any(
        not found[0].startswith("getattr(")
        for module in project.production()
        for found in said.finditer(project.inventory.read_text(module.path))
    )
