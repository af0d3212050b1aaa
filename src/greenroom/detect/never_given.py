"""Branches on an option that nobody gives: `if options.get("review", False):`, and no other line says `review`."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_FROM_OUTSIDE: Final = re.compile(
    r"^(?:request|req|body|payload|json|event|message|msg|environ|env|headers?|form|query|kwargs|args|data|response|result|row|record)s?$"
)
"""What others than the project fill."""
_OFF: Final = (None, (facts.CONSTANT, False), (facts.CONSTANT, None))


def is_never_given(project: Project, scope: Scope, block: int) -> bool:
    """Whether it stands under the question for an option of a parameter that no other line of the project spells."""
    entry = project.entries.entry(scope)
    if entry is None or entry.scope is scope:
        return False  # who comes in there may bring it
    return any(not _is_spelled(project, name) for name in _options(scope, block))


def _options(scope: Scope, block: int) -> Iterator[str]:
    parameters = {part.name for part in scope.parameters} - {"self", "cls"}
    for found in scope.body.enclosing(block):
        test: Expression = found.detail if found.kind == "if" else None
        if type(test) is not int:
            continue
        call = scope.body.calls[test]
        base, _, method = call.callee.rpartition(".") if isinstance(call.callee, str) else ("", "", "")
        name = facts.constant(call.arguments[0]) if call.arguments else None
        otherwise = call.arguments[1] if len(call.arguments) > 1 else None
        is_option = method == "get" and base in parameters and not _FROM_OUTSIDE.match(base)
        if is_option and isinstance(name, str) and name.isidentifier() and otherwise in _OFF:
            yield name


def _is_spelled(project: Project, name: str) -> bool:
    """Whether a line says it that does not ask for it, in code, in a page or in a file of configuration."""
    if name in project.configuration.mentioned or name in project.configuration.described:
        return True
    said = re.compile(rf"(?:\.get\([\"']|(?<!\w)){re.escape(name)}(?!\w)")
    paths = [part.path for part in project.modules.values() if part.kind is not FileKind.TEST]
    return any(
        not found[0].startswith(".get(")
        for path in (*paths, *project.inventory.front)
        for found in said.finditer(project.inventory.read_text(path))
    )
